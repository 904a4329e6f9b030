# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program's answer, or one sentence about why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_programs import Programs

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.ask_program import ask


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    return Programs(tmp_path, monkeypatch)


def test_a_program_is_asked_in_english_with_its_arguments_as_they_are(
    programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    programs.answer("program", "yes\n")
    assert ask(["program", "a b", "$(id)"]) == "yes\n"
    assert programs.asked() == ["program a b $(id)"]


def test_a_program_that_waits_for_input_gets_none() -> None:
    assert ask(["cat"]) == ""


def test_what_would_change_its_libraries_is_not_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nonexistent")
    assert "LD_LIBRARY_PATH" not in ask(["env"])


def test_a_missing_program_a_failure_and_a_silence_are_errors_that_say_so(programs: Programs) -> None:
    with pytest.raises(OrthancTlsError, match="'nosuch' cannot be run: No such file or directory"):
        ask(["nosuch"])
    programs.answer("broken", status=3, complaint="no\n  database " + "x" * 9999)
    with pytest.raises(OrthancTlsError, match="'broken' ended with status 3: no database x") as error:
        ask(["broken"])
    assert len(str(error.value)) < 400
    assert ask(["broken"], statuses=(0, 3)) == ""
    programs.answer("slow", wait=30)
    with pytest.raises(OrthancTlsError, match=r"'slow' gave no answer within 0\.2 seconds"):
        ask(["slow"], seconds=0.2)


def test_bytes_that_are_no_text_are_no_failure(programs: Programs) -> None:
    programs.answer("program")
    (programs.folder / "program.txt").write_bytes(b"\xff\n")
    assert ask(["program"]) == "\ufffd\n"
