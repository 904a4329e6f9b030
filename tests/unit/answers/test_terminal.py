# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node writes beside its answer, or says to Ansible in it, does not command the terminal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from fake_node import FakeFleet

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
