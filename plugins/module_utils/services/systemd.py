# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd is asked to do with a service (standard library only)."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_SECONDS = 600
"""systemd itself gives up on a start after its TimeoutStartSec: 90 seconds, where the unit does not say otherwise."""


def restart(unit: str) -> None:
    """Start a service with what is on disk now, whatever became of earlier starts, and at every boot from now on."""
    _prepare(unit)
    run(["systemctl", "restart", "--", unit])


def reload(unit: str) -> None:
    """Let a service read its files again, or start it; it starts at every boot from now on."""
    _prepare(unit)
    run(["systemctl", "reload-or-restart", "--", unit])


def stop(unit: str) -> None:
    """Stop a service."""
    run(["systemctl", "stop", "--", unit])


def run(command: Sequence[str]) -> None:
    """Run a command; an error says what it said."""
    failure = failure_of(command)
    if failure:
        raise OrthancTlsError(failure)


def failure_of(command: Sequence[str]) -> str | None:
    """Run a command; return why it failed, or C(None)."""
    name = " ".join(command)
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False)
    except FileNotFoundError:
        return f"'{name}' cannot be run: there is no program {command[0]} on this node."
    except subprocess.TimeoutExpired:
        return f"'{name}' has not ended after {_SECONDS} seconds."
    if done.returncode == 0:
        return None
    return f"'{name}' failed: {done.stderr.strip() or done.stdout.strip() or f'status {done.returncode}'}"


def _prepare(unit: str) -> None:
    run(["systemctl", "unmask", "--quiet", "--", unit])
    run(["systemctl", "daemon-reload"])
    run(["systemctl", "enable", "--quiet", "--", unit])
    failure_of(["systemctl", "reset-failed", "--", unit])  # fails where the unit was never loaded
