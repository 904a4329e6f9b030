# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server file of an nginx, and how it gets there (standard library only)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import write_file
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import logs as nginx_logs
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import program as nginx_program


def put(
    path: str,
    content: str,
    needs: Sequence[str],
    logs: Sequence[str],
    *,
    check_mode: bool,
    includes: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Make a server file hold C(content) if nginx takes it, its logs private, and return the task's result.

    C(includes) are files that it includes, each with C(path) and C(content); they are written first.
    """
    before, open_logs = read(path), nginx_logs.readable_by_others(logs)
    due = [one for one in includes if read(one["path"]) != one["content"]]
    changed = before != content or bool(open_logs) or bool(due)
    if changed and not check_mode:
        _check_needs(path, needs)
        for one in due:
            write_file(one["path"], one["content"].encode(), mode=0o644)
        replace(path, content, needs, logs)
    diff = [{"before": before or "", "after": content, "before_header": path, "after_header": path}]
    diff += [{"prepared": f"{one['path']}: another list"} for one in due]
    diff += [{"prepared": f"{log}: readable by root and the group {nginx_logs.GROUP} alone"} for log in open_logs]
    return {"changed": changed, "path": path, "diff": diff if changed else []}


def tried(path: str, content: str) -> dict[str, Any]:
    """Ask nginx, where it is installed, whether it would load C(content) as that file; raises if it would not."""
    if nginx_program.versions() is not None:
        nginx_program.check(path, content.encode())
    return {"changed": False, "path": path}


def read(path: str) -> str | None:
    """The text of a server file; None where there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return None


def replace(path: str, content: str, needs: Sequence[str], logs: Sequence[str]) -> None:
    """Put a server file in place if nginx takes it; raises, and leaves everything as it was, if it does not.

    C(needs) are the files without which it cannot, C(logs) the log files, which nginx would create open to everybody.
    """
    _check_needs(path, needs)
    if nginx_program.versions() is None:
        raise OrthancTlsError(f"nginx is not installed, and {path} is for it; install the package nginx first.")
    nginx_logs.make_private(nginx_logs.readable_by_others(logs))
    candidate = content.encode()
    nginx_program.check(path, candidate)
    write_file(path, candidate, mode=0o644)


def _check_needs(path: str, needs: Sequence[str]) -> None:
    missing = [file for file in needs if not os.path.exists(file)]
    if missing:
        raise OrthancTlsError(f"{missing[0]} is not there, and {path} needs it; give the node its identity first.")
