# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an Orthanc says of itself, and when it is not asked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection import orthanc_version as inspector
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.orthanc_version import (
    orthanc_version,
    read_version,
    told_version,
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("/usr/sbin/Orthanc 1.12.7\nCopyright (C) 2012-2016 Sebastien Jodogne\n", "1.12.7"),
        ("Orthanc 1.10.1\n", "1.10.1"),
        ("/opt/orthanc/bin/Orthanc mainline (20260801T101500)\n", "mainline (20260801T101500)"),
    ],
)
def test_the_first_line_tells_the_version(answer: str, expected: str) -> None:
    assert read_version(answer, "Orthanc") == expected


@pytest.mark.parametrize("answer", ["", "Orthanc", "usage: 1.2.3 or so" + "x" * 9999])
def test_what_names_no_version_is_an_error_of_bounded_length(answer: str) -> None:
    with pytest.raises(OrthancTlsError, match="'/o --version' names no version") as error:
        read_version(answer, "/o")
    assert len(str(error.value)) < 300


def test_a_real_program_is_asked(tmp_path: Path) -> None:
    program = tmp_path / "Orthanc"
    shutil.copy(shutil.which("true") or "", program)
    with pytest.raises(OrthancTlsError, match=r"names no version of Orthanc: 'true \(GNU coreutils"):
        orthanc_version(str(program))


def test_where_there_is_no_program_there_is_no_version(tmp_path: Path) -> None:
    assert orthanc_version(str(tmp_path / "nosuch" / "Orthanc")) is None


def test_a_script_could_start_orthanc_and_is_not_run(tmp_path: Path) -> None:
    script, started = tmp_path / "Orthanc", tmp_path / "started"
    script.write_text(f"#!/bin/sh\ntouch {started}\necho Orthanc 1.12.7\n")
    script.chmod(0o755)
    with pytest.raises(OrthancTlsError, match="was not asked for its version: it is not an ELF program"):
        orthanc_version(str(script))
    assert not started.exists()


@pytest.mark.parametrize("mode", [0o775, 0o757])
def test_a_program_that_others_can_replace_is_not_run_as_root(tmp_path: Path, mode: int) -> None:
    program = tmp_path / "Orthanc"
    shutil.copy(shutil.which("true") or "", program)
    program.chmod(mode)
    with pytest.raises(OrthancTlsError, match="others than root can change it"):
        orthanc_version(str(program))


def test_a_folder_is_no_program(tmp_path: Path) -> None:
    with pytest.raises(OrthancTlsError, match="it is not a file"):
        orthanc_version(str(tmp_path))


def test_the_version_is_the_programs_and_not_its_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A binary of Orthanc's authors may stand in the place of the package's."""
    program = tmp_path / "Orthanc"
    shutil.copy(shutil.which("true") or "", program)
    monkeypatch.setattr(inspector, "ask", lambda command: "Orthanc 1.12.10\n" if command[0] == str(program) else "")
    assert told_version(str(program)) == orthanc_version(str(program)) == "1.12.10"


def test_a_program_that_cannot_be_asked_has_no_version_to_write_settings_for(tmp_path: Path) -> None:
    (tmp_path / "Orthanc").write_text("#!/bin/sh\n")
    assert told_version(str(tmp_path / "Orthanc")) is None
    assert told_version(str(tmp_path / "nosuch")) is None
