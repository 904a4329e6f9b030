# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node writes beside its answer, or says to Ansible in it, does not command the terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from fake_node import FakeFleet

ROOT = Path(__file__).parents[3]
HOSTS: dict[str, dict[str, object]] = {"edge1": {}}
COMMAND = "\x1b]0;hostile\x07\x1b[2J\x9b31m\r\u202e"
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")
LOOK = """- hosts: edge1
  gather_facts: false
  tasks:
    - name: Look at the identity
      openimaging.orthanc.identity_info:
"""
ANSWER: dict[str, object] = {"changed": False, "present": False, "identity": None, "fault": None}
ANSWER |= {"services": [], "served": None, "not_loaded": None}


def look(folder: Path, output: str) -> tuple[int, str]:
    """Let a node write C(output) where a module of the collection writes its answer."""
    fleet = FakeFleet(folder, HOSTS, {"orthanc_tls_mode": "builtin"})
    (folder / "look.yml").write_text(LOOK)
    (folder / "output").write_text(output, newline="")
    python = folder / "nodes" / "edge1" / "python"
    python.write_text(f"#!/bin/sh\ncat {folder}/output\n")
    return fleet.play(folder / "look.yml")


@pytest.mark.parametrize(
    "output",
    [
        pytest.param(f"{json.dumps(ANSWER)}\n{COMMAND}\n", id="after its answer"),
        pytest.param(f"{COMMAND}\n{json.dumps(ANSWER)}", id="before its answer"),
        pytest.param(json.dumps({**ANSWER, "add_host": COMMAND}), id="as a host to add"),
        pytest.param(json.dumps({**ANSWER, f"_ansible_{COMMAND}": COMMAND}), id="as a key of Ansible's own"),
    ],
)
def test_what_a_node_writes_beside_its_answer_does_not_command_the_terminal(tmp_path: Path, output: str) -> None:
    status, shown = look(tmp_path, output)
    assert status == 0, shown
    assert not CONTROLS.findall(shown), shown


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["a pipe", "a terminal"])
def test_an_answer_is_read_through(tmp_path: Path, end: str) -> None:
    status, shown = look(tmp_path, f"{end}{json.dumps(ANSWER)}{end}")
    assert status == 0, shown
    assert "WARNING" not in shown


INSTALL = f"""- hosts: edge1
  gather_facts: false
  vars:
    orthanc_plan: {{missing_packages: [orthanc], engine_is_new: false}}
  tasks:
    - name: Try to install what is missing
      ansible.builtin.include_tasks: {ROOT}/playbooks/tasks/try_packages.yml
    - name: Install it
      ansible.builtin.include_tasks: {ROOT}/playbooks/tasks/packages.yml
"""


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"failed": True, "msg": COMMAND, "stderr": COMMAND}, id="that they fail"),
        pytest.param({"warnings": [COMMAND], "deprecations": [{"msg": COMMAND}]}, id="warnings"),
        pytest.param({"changed": True, "diff": {"prepared": COMMAND}, "stdout": COMMAND}, id="a difference"),
    ],
)
def test_what_a_node_answers_to_modules_of_ansible_does_not_command_the_terminal(
    tmp_path: Path, answer: dict[str, object]
) -> None:
    fleet = FakeFleet(tmp_path, HOSTS, {"orthanc_tls_mode": "builtin"})
    fleet.answers("edge1", apt=answer)
    (tmp_path / "install.yml").write_text(INSTALL)
    status, shown = fleet.play(tmp_path / "install.yml", "--diff", "-v")
    assert fleet.asked("edge1"), shown
    assert (status == 0) != ("failed" in answer)
    assert not CONTROLS.findall(shown), shown


def test_facts_in_an_answer_to_a_module_of_ansible_are_an_error(tmp_path: Path) -> None:
    fleet = FakeFleet(tmp_path, HOSTS, {"orthanc_tls_mode": "builtin"})
    fleet.answers("edge1", apt={"ansible_facts": {"orthanc_fqdn": "archive"}})
    (tmp_path / "install.yml").write_text(INSTALL)
    status, shown = fleet.play(tmp_path / "install.yml")
    assert status == 2 and "orthanc_fqdn" in shown


@pytest.mark.parametrize("story", ["site", "rotate", "rollover"])
def test_a_node_whose_look_is_refused_is_asked_nothing_more(tmp_path: Path, story: str) -> None:
    fleet = FakeFleet(tmp_path, HOSTS, {"orthanc_tls_mode": "builtin"})
    fleet.answers("edge1", node_look={"packages": COMMAND})
    status, shown = fleet.play(story)
    assert status == 2 and fleet.asked("edge1") == ["node_look"], shown


@pytest.mark.parametrize("said", ["stdout", "stderr"])
def test_what_a_shell_says_instead_of_running_a_module_does_not_command_the_terminal(tmp_path: Path, said: str) -> None:
    fleet = FakeFleet(
        tmp_path, HOSTS, {"orthanc_tls_mode": "builtin", "ansible_shell_executable": str(tmp_path / "sh")}
    )
    (tmp_path / "said").write_text(COMMAND, newline="")
    (tmp_path / "sh").write_text(f"#!/bin/sh\ncat {tmp_path}/said {'>&2' if said == 'stderr' else ''}\nexit 1\n")
    (tmp_path / "sh").chmod(0o755)
    (tmp_path / "look.yml").write_text(LOOK)
    status, shown = fleet.play(tmp_path / "look.yml", "-vvvv")
    assert status == 4 and "UNREACHABLE" in shown, shown
    assert not CONTROLS.findall(shown), shown


def tasks_in(found: Any) -> Iterator[dict[str, Any]]:
    """Yield each task of a file, also of plays and blocks."""
    for entry in found if isinstance(found, list) else ():
        yield entry
        for part in ("tasks", "block", "rescue", "always", "pre_tasks", "post_tasks"):
            yield from tasks_in(entry.get(part))


ON_CONTROL_NODE = {
    *("add_host", "assert", "debug", "fail", "import_playbook", "import_role", "import_tasks", "include_role"),
    *("include_tasks", "include_vars", "meta", "set_fact"),
}


def test_no_node_answers_ansible_itself_in_a_story() -> None:
    """The role schedule works on the control node, and demo and examples are read before they are run."""
    files = [*ROOT.glob("playbooks/*.yml"), *ROOT.glob("playbooks/steps/*.yml"), *ROOT.glob("playbooks/tasks/*.yml")]
    files += [file for file in ROOT.glob("roles/*/tasks/*.yml") if file.parts[-3] != "schedule"]
    assert len(files) > 50
    of_ansible = {f"ansible.builtin.{name}" for name in ON_CONTROL_NODE}
    asked = [
        f"{file.relative_to(ROOT)}: {key}"
        for file in files
        for task in tasks_in(yaml.safe_load(file.read_text()))
        if task.get("delegate_to") != "localhost"
        for key in task
        if key.startswith("ansible.") and key not in of_ansible
    ]
    assert asked == []
