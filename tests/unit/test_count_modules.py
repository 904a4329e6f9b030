# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The counter of module executions that Molecule relies on: nothing hides from it in a run of ansible-playbook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

CALLBACKS = Path(__file__).parents[1] / "callback"
PING: dict[str, Any] = {"ansible.builtin.ping": {}}


def executions(folder: Path, *tasks: dict[str, Any], hosts: str = "one") -> Counter[tuple[str, str]]:
    """Run the tasks on C(hosts); return how often each host executed each module, by its short name."""
    (folder / "site.json").write_text(json.dumps([{"hosts": hosts, "gather_facts": False, "tasks": tasks}]))
    written = folder / "executions"
    environment = os.environ | {
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "count_modules",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "COUNT_MODULES_PATH": str(written),
    }
    command = [sys.executable, "-m", "ansible", "playbook", "site.json", "--inventory=one,two,", "--connection=local"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = written.read_text().splitlines() if written.exists() else []
    fields = [line.split("\t") for line in lines]
    return Counter((host, module.rpartition(".")[2]) for host, module, _task in fields)


def test_every_item_of_a_loop_counts(tmp_path: Path) -> None:
    assert executions(tmp_path, PING | {"loop": [1, 2, 3]}) == {("one", "ping"): 3}


def test_every_attempt_counts(tmp_path: Path) -> None:
    attempts = {"register": "seen", "until": "seen.attempts == 2", "retries": 3, "delay": 0}
    assert executions(tmp_path, PING | attempts) == {("one", "ping"): 2}


def test_a_delegated_task_counts_for_the_host_that_delegates(tmp_path: Path) -> None:
    delegated = PING | {"delegate_to": "localhost"}
    assert executions(tmp_path, delegated, hosts="all") == {("one", "ping"): 1, ("two", "ping"): 1}


def test_tasks_of_included_roles_and_files_count(tmp_path: Path) -> None:
    tasks = tmp_path / "roles/probe/tasks"
    tasks.mkdir(parents=True)
    (tasks / "main.yml").write_text(json.dumps([PING, {"ansible.builtin.include_tasks": "more.yml"}]))
    (tasks / "more.yml").write_text(json.dumps([PING]))
    assert executions(tmp_path, {"ansible.builtin.include_role": {"name": "probe"}}) == {("one", "ping"): 2}


def test_each_module_that_an_action_executes_counts(tmp_path: Path) -> None:
    copy = {"ansible.builtin.copy": {"content": "text", "dest": str(tmp_path / "copied")}}
    assert executions(tmp_path, copy) == {("one", "stat"): 1, ("one", "copy"): 1}


def test_what_executes_no_module_does_not_count(tmp_path: Path) -> None:
    raw = {"ansible.builtin.raw": "true"}
    assert executions(tmp_path, raw, {"ansible.builtin.debug": {}}, PING | {"when": False}) == {}
