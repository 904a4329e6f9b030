# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timer of a node's metrics runs as its files say, and is gone with all that it wrote once it is switched off."""

from __future__ import annotations

import base64
import grp
import os
import pwd
from pathlib import Path
from typing import Any

import pytest
from fake_programs import Programs

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.metrics import timer

OWNER, GROUP = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """A systemctl that says that the timer runs, and a node's folders."""
    monkeypatch.setenv("LC_ALL", "C")
    names = {"PROGRAM": "metrics.py", "SERVICE": "metrics.service", "TIMER": "metrics.timer"}
    for name, file in names.items():
        monkeypatch.setattr(timer, name, str(tmp_path / file))
    monkeypatch.setattr(timer, "FILES", tuple(str(tmp_path / file) for file in names.values()))
    found = Programs(tmp_path, monkeypatch)
    found.answer("systemctl")
    return found


def options(tmp_path: Path, output: str = "node.prom") -> dict[str, Any]:
    texts = {
        f"{tmp_path}/metrics.py": "pass\n",
        f"{tmp_path}/metrics.service": f"[X-Orthanc]\nOutput={tmp_path}/{output}\n",
        f"{tmp_path}/metrics.timer": "[Timer]\n",
    }
    return {
        "files": [
            {
                "path": path,
                "content": base64.b64encode(text.encode()).decode(),
                "mode": "0644",
                "owner": OWNER,
                "group": GROUP,
            }
            for path, text in texts.items()
        ]
    }


OFF: dict[str, Any] = {"files": []}


def test_it_is_written_started_and_run_once_and_a_second_run_changes_nothing(
    programs: Programs, tmp_path: Path
) -> None:
    found = timer.settle(options(tmp_path), check_mode=False)
    assert found["changed"] and found["files"] == [
        f"{tmp_path}/metrics.py",
        f"{tmp_path}/metrics.service",
        f"{tmp_path}/metrics.timer",
    ]
    assert programs.asked()[-4:] == [
        "systemctl daemon-reload",
        "systemctl enable --quiet orthanc-metrics.timer",
        "systemctl restart orthanc-metrics.timer",
        "systemctl start orthanc-metrics.service",
    ]
    asked = len(programs.asked())
    assert timer.settle(options(tmp_path), check_mode=False)["changed"] is False
    assert programs.asked()[asked:] == ["systemctl is-active --quiet orthanc-metrics.timer"]


def test_one_that_does_not_run_although_its_files_are_there_is_started(programs: Programs, tmp_path: Path) -> None:
    timer.settle(options(tmp_path), check_mode=False)
    (tmp_path / "stopped").touch()
    program = tmp_path / "programs" / "systemctl"
    program.write_text(f'#!/bin/sh\n[ "$1" != is-active ] || ! [ -e {tmp_path}/stopped ] || exit 3\n')
    assert timer.settle(options(tmp_path), check_mode=True)["changed"]
    assert timer.settle(options(tmp_path), check_mode=False)["changed"]


def test_another_folder_takes_the_old_file_away(programs: Programs, tmp_path: Path) -> None:
    timer.settle(options(tmp_path), check_mode=False)
    old = tmp_path / "node.prom"
    old.write_text("old\n")
    timer.settle(options(tmp_path, "other.prom"), check_mode=False)
    assert not old.exists()


def test_switched_off_it_is_stopped_and_gone_with_what_it_wrote(programs: Programs, tmp_path: Path) -> None:
    timer.settle(options(tmp_path), check_mode=False)
    (tmp_path / "node.prom").write_text("text\n")
    asked = len(programs.asked())
    assert timer.settle(OFF, check_mode=False)["changed"]
    assert programs.asked()[asked:] == [
        "systemctl disable --quiet --now orthanc-metrics.timer",
        "systemctl daemon-reload",
    ]
    assert {one.name for one in tmp_path.iterdir()} == {"programs", "asked"}
    assert timer.settle(OFF, check_mode=False) == {"changed": False, "files": []}


@pytest.mark.parametrize("left", [("metrics.service",), ("metrics.service", "metrics.py")], ids=" ".join)
def test_a_removal_that_ended_early_is_completed(programs: Programs, tmp_path: Path, left: tuple[str, ...]) -> None:
    timer.settle(options(tmp_path), check_mode=False)
    (tmp_path / "node.prom").write_text("text\n")
    for name in {"metrics.timer", "metrics.py", "metrics.service"} - {*left}:
        (tmp_path / name).unlink()
    assert timer.settle(OFF, check_mode=False)["changed"]
    assert {one.name for one in tmp_path.iterdir()} == {"programs", "asked"}


def test_check_mode_says_it_and_writes_and_removes_nothing(programs: Programs, tmp_path: Path) -> None:
    assert timer.settle(options(tmp_path), check_mode=True)["changed"] and not (tmp_path / "metrics.service").exists()
    timer.settle(options(tmp_path), check_mode=False)
    assert timer.settle(OFF, check_mode=True)["changed"] and (tmp_path / "metrics.service").exists()


def test_a_program_that_fails_fails_the_task_with_where_to_look(programs: Programs, tmp_path: Path) -> None:
    program = tmp_path / "programs" / "systemctl"
    program.write_text('#!/bin/sh\n[ "$1" != start ] || { echo "Job failed." >&2; exit 1; }\n')
    with pytest.raises(OrthancTlsError, match=r"Job failed.*journalctl -u orthanc-metrics.service"):
        timer.settle(options(tmp_path), check_mode=False)
