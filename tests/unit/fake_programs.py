# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs on the PATH that answer as we like, and keep what they were asked."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest


class Programs:
    """A folder that comes first on the PATH."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "programs"
        self.folder.mkdir()
        self._asked = folder / "asked"
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("PATH", f"{self.folder}:{os.environ['PATH']}")

    def answer(self, name: str, text: str = "", *, status: int = 0, complaint: str = "", wait: float = 0) -> None:
        """Let a program print a text after some seconds, complain, and end with a status."""
        said = self.folder / f"{name}.txt"
        said.write_text(text)
        program = self.folder / name
        program.write_text(
            "#!/bin/sh\n"
            f'printf "%s\\n" "{name} $*" "LC_ALL=$LC_ALL" >>{shlex.quote(str(self._asked))}\n'
            f"{f'exec sleep {wait}' if wait else ''}\n"
            f"cat {shlex.quote(str(said))}\n"
            f"printf %s {shlex.quote(complaint)} >&2\n"
            f"exit {status}\n"
        )
        program.chmod(0o755)

    def none(self) -> None:
        """Let no program be found at all."""
        self._monkeypatch.setenv("PATH", str(self.folder))

    def asked(self) -> list[str]:
        """Return the command lines."""
        lines = self._asked.read_text().splitlines() if self._asked.exists() else []
        assert set(lines[1::2]) <= {"LC_ALL=C"}, "an answer in another language is not read"
        return lines[::2]
