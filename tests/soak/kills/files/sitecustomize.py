# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write down every change that Python makes below /etc/orthanc, and die by SIGKILL before the one with a given number.

Loaded by python-dies on a node. C(/run/dies/steps) has one line for each change of a run, the one before which it died
at its end; C(/run/dies/at) has the number, and no process dies without it.
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable
from typing import Any

_FOLDER, _STEPS, _AT = "/etc/orthanc", "/run/dies/steps", "/run/dies/at"
_CHANGES = ("mkdir", "rename", "symlink", "unlink", "rmdir", "fchmod", "fsync")


def _named(argument: Any) -> str:
    if isinstance(argument, int):
        try:
            return os.readlink(f"/proc/self/fd/{argument}")
        except OSError:
            return ""
    return os.fsdecode(argument) if isinstance(argument, (str, bytes)) else ""


def _watched(name: str, change: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(change)
    def watched(*arguments: Any, **options: Any) -> Any:
        paths = [path for path in map(_named, arguments[:2]) if path]
        if any(path.startswith(_FOLDER) for path in paths):
            _step(f"{name} {' '.join(paths)}")
        return change(*arguments, **options)

    return watched


def _step(words: str) -> None:
    with open(_STEPS, "a+", encoding="utf-8") as steps:
        steps.write(f"{words}\n")
        steps.flush()
        steps.seek(0)
        number = len(steps.readlines())
    if _at() == number:
        os.kill(os.getpid(), signal.SIGKILL)


def _at() -> int:
    try:
        with open(_AT, encoding="utf-8") as file:
            return int(file.read() or 0)
    except FileNotFoundError:
        return 0


for _name in _CHANGES:
    setattr(os, _name, _watched(_name, getattr(os, _name)))
