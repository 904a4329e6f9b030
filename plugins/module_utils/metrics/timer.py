# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install the timer of a node's metrics, or remove it with all that it has written (standard library only)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import sync_folder
from ansible_collections.openimaging.orthanc.plugins.module_utils.metrics.places import (
    FILES,
    PROGRAM,
    SERVICE,
    SERVICE_UNIT,
    TIMER,
    TIMER_UNIT,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.node_files import install
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.systemd import failure_of, run

_OUTPUT = re.compile(r"^Output=(/.+)$", re.MULTILINE)


def settle(options: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """Have the timer as the C(files) say, or none where there are none."""
    return _present(options, check_mode) if options["files"] else _absent(check_mode)


def _present(options: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    old = written_by(SERVICE)
    done = install({"files": options["files"], "absent": []}, check_mode=check_mode)
    runs = failure_of(["systemctl", "is-active", "--quiet", TIMER_UNIT]) is None
    if check_mode or not (done["changed"] or not runs):
        return {**done, "changed": bool(done["changed"] or not runs)}
    run(["systemctl", "daemon-reload"])
    run(["systemctl", "enable", "--quiet", TIMER_UNIT])
    run(["systemctl", "restart", TIMER_UNIT])
    if old and old != written_by(SERVICE):
        _remove(old)
    failure = failure_of(["systemctl", "start", SERVICE_UNIT])
    if failure:
        raise OrthancTlsError(f"The metrics cannot be written: {failure} See 'journalctl -u {SERVICE_UNIT}'.")
    return {**done, "changed": True}


def _absent(check_mode: bool) -> dict[str, Any]:
    there = [path for path in FILES if os.path.lexists(path)]
    if there and not check_mode:
        failure_of(["systemctl", "disable", "--quiet", "--now", TIMER_UNIT])  # fails where its file is gone already
        written = written_by(SERVICE)
        if written:
            _remove(written)
        # The service last: it says what was written, should this end before.
        for path in (TIMER, PROGRAM, SERVICE):
            _remove(path)
        run(["systemctl", "daemon-reload"])
    return {"changed": bool(there), "files": there}


def written_by(service: str) -> str | None:
    """Return the file that a unit has written so far."""
    try:
        with open(service, encoding="utf-8") as file:
            found = _OUTPUT.search(file.read())
    except FileNotFoundError:
        return None
    return found[1] if found else None


def _remove(path: str) -> None:
    if os.path.lexists(path):
        os.unlink(path)
        sync_folder(os.path.dirname(path))
