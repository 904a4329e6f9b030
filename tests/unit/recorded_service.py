# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service whose files are recorded, and the end of a process at any change of the file system."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.files import atomic
from ansible_collections.openimaging.orthanc.plugins.module_utils.files import state as file_state
from ansible_collections.openimaging.orthanc.plugins.module_utils.services import record as service_record

SECRET = "s3cret"


class Node:
    """A service with a file, a link and a file that is not there, and a systemctl that answers as we like."""

    def __init__(self, folder: Path) -> None:
        self.record = folder / "record"
        self.config = folder / "etc" / "orthanc.json"
        self.link = folder / "etc" / "current"
        self.absent = folder / "etc" / "absent"
        self.paths = [str(self.config), str(self.link), str(self.absent)]
        self._systemctl = folder / "bin" / "systemctl"
        for made in (self.config.parent, self._systemctl.parent, self.link.parent / "a", self.link.parent / "b"):
            made.mkdir()
        self.config.write_text(f'{{"Password": "{SECRET}"}}')
        self.config.chmod(0o640)
        self.link.symlink_to("a")
        self.started("first")

    def started(self, invocation: str, state: str = "active") -> None:
        """Let systemd say that the service was started just now."""
        now = datetime.datetime.now(datetime.UTC).strftime("%a %Y-%m-%d %H:%M:%S.%f UTC")
        times = f"ActiveEnterTimestamp={now}\nInvocationID={invocation}\n"
        start = f"ExecStart={{ argv[]=/usr/sbin/Orthanc {self.config.parent} ; ignore_errors=no }}\n"
        self.systemd(f"LoadState=loaded\nActiveState={state}\n{times}{start}")

    def systemd(self, answer: str) -> None:
        self._systemctl.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}END\n")
        self._systemctl.chmod(0o755)

    def compare(self) -> dict[str, Any]:
        return service_record.compare(str(self.record), "orthanc.service", self.paths)

    def differs(self) -> dict[str, str]:
        return {os.path.basename(entry["path"]): entry["why"] for entry in self.compare()["differs"]}

    def write(self, *, check_mode: bool = False) -> dict[str, Any]:
        return service_record.write(str(self.record), "orthanc.service", self.paths, check_mode=check_mode)

    def restore(self, *, check_mode: bool = False) -> dict[str, Any]:
        return service_record.restore(str(self.record), "orthanc.service", check_mode=check_mode)

    def change(self) -> None:
        self.config.write_text("{}")
        self.config.chmod(0o600)
        atomic.swap_link(str(self.link), "b")
        self.absent.write_text("new")

    def states(self) -> list[file_state.FileState]:
        return [file_state.see(path).state for path in self.paths]

    def everything(self) -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.lstat().st_mtime_ns, path.lstat().st_ino) for path in self.config.parent.parent.rglob("*")
        }


class Killed(BaseException):
    """The process ends here."""


def killed_after(count: int, run: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run until ``count`` changes are done; return whether it came to its end."""
    left = [count]

    def counted(change: Callable[..., object]) -> Callable[..., object]:
        def maybe(*args: Any, **kwargs: Any) -> object:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return change(*args, **kwargs)

        return maybe

    with monkeypatch.context() as patched:
        for name in ("mkdir", "rename", "symlink", "unlink", "fsync"):
            patched.setattr(os, name, counted(getattr(os, name)))
        try:
            run()
        except Killed:
            return False
    return True
