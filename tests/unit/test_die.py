# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The callback that Molecule kills runs with: it ends a run at the named task, and at no other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CALLBACKS = Path(__file__).parents[1] / "callback"


def run(folder: Path, after: str) -> tuple[int, set[str]]:
    """Run three tasks that each write a file; return the exit status and the files."""
    tasks = [{"name": name, "ansible.builtin.file": {"path": str(folder / name), "state": "touch"}} for name in "abc"]
    (folder / "site.json").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    environment = os.environ | {
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "die",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "DIE_AFTER": after,
    }
    command = [sys.executable, "-m", "ansible", "playbook", "site.json", "--inventory=localhost,", "--connection=local"]
    status = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False).returncode
    return status, {file.name for file in folder.iterdir()} - {"site.json"}


@pytest.mark.parametrize(
    ("after", "outcome"),
    [("a", (-signal.SIGKILL, {"a"})), ("b", (-signal.SIGKILL, {"a", "b"})), ("d", (0, {"a", "b", "c"}))],
    ids=["the first", "the second", "none of them"],
)
def test_a_run_dies_after_the_named_task(tmp_path: Path, after: str, outcome: tuple[int, set[str]]) -> None:
    assert run(tmp_path, after) == outcome
