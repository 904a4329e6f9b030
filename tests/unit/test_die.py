# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The callback that Molecule kills runs with: it ends a run after what a task does, and after nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CALLBACKS = Path(__file__).parents[1] / "callback"


def ansible_module(name: str, **options: str) -> dict[str, dict[str, object]]:
    """Return a task of which the collection passes a module of Ansible's own on."""
    return {"openimaging.orthanc.ansible_module": {"name": name, "options": options}}


def run(folder: Path, after: str) -> tuple[int, set[str]]:
    """Run tasks that each write a file, but the one in check mode; return the exit status and the files."""
    path = {name: str(folder / name) for name in "abc"}
    tasks = [
        {"name": "one", "ansible.builtin.file": {"path": path["a"], "state": "touch"}},
        {"name": "two", "ansible.builtin.copy": {"dest": path["b"], "content": ""}, "check_mode": True},
        {"name": "three", "ansible.builtin.copy": {"dest": path["b"], "content": ""}},
        {"name": "four", **ansible_module("file", path=path["c"], state="directory")},
    ]
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
    [
        ("file touch", (-signal.SIGKILL, {"a"})),
        ("copy (check)", (-signal.SIGKILL, {"a"})),
        ("copy", (-signal.SIGKILL, {"a", "b"})),
        ("three", (0, {"a", "b", "c"})),
        ("file directory", (-signal.SIGKILL, {"a", "b", "c"})),
    ],
    ids=["the first", "one in check mode", "one not in check mode", "a task's name", "one of Ansible's own"],
)
def test_a_run_dies_after_that_task(tmp_path: Path, after: str, outcome: tuple[int, set[str]]) -> None:
    assert run(tmp_path, after) == outcome
