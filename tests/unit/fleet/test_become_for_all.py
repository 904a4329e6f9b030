# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(ansible_become: true) for all hosts holds for localhost too, and outranks C(become: false) of a task."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from authorities import made_folder
from fake_node import ROOT, FakeFleet
from seen_node import without_identity

TAKEN = {"text": "orthanc_http_port: 8043\n", "secrets": {"orthanc_vault_x": ["password"]}, "keeps_certificate": False}

ANY_USER = {"ANSIBLE_BECOME_ALLOW_SAME_USER": "True"}
"""Root becomes root as well, so that the test is the same for every user."""


@pytest.fixture
def fleet(tmp_path: Path) -> FakeFleet:
    """Return nodes that need no become, and a control node where becoming root leaves a trace."""
    fleet = FakeFleet(tmp_path, {"edge1": {}}, {})
    sudo = tmp_path / "sudo"
    sudo.write_text(f'#!/bin/sh\ntouch "{tmp_path}/became"\nexit 1\n')
    sudo.chmod(0o755)
    for_all = {"all": {"vars": {"ansible_become": True, "ansible_become_exe": str(sudo)}}}
    (tmp_path / "all.yml").write_text(yaml.safe_dump(for_all))
    return fleet


def test_adopt_writes_beside_the_inventory_as_the_user_that_runs_it(fleet: FakeFleet) -> None:
    read: dict[str, Any] = {
        "configuration": "/etc/orthanc",
        "files": [],
        "unit_files": [],
        "settings": {},
        "pem_files": [],
    }
    secrets = [{"path": ["password"], "value": "a-password"}]
    fleet.answers("edge1", orthanc_configuration_info={**read, "secrets": secrets})
    role = {"name": "openimaging.orthanc.adopt", "tasks_from": "write"}
    play = {"hosts": "orthanc", "gather_facts": False, "tasks": [{"ansible.builtin.import_role": role}]}
    (fleet.folder / "own.yml").write_text(json.dumps([play]))
    given: dict[str, Any] = {"__adopt_taken": {**TAKEN, "replaces_certificate": False}}
    status, output = fleet.play(fleet.folder / "own.yml", "-i", "all.yml", "-e", json.dumps(given), **ANY_USER)
    assert status == 0, output
    assert not (fleet.folder / "became").exists()
    written = sorted(file.name for file in (fleet.folder / "host_vars/edge1").iterdir())
    assert written == ["orthanc.yml", "orthanc_vault.yml"]


def test_the_ca_is_asked_and_signs_as_the_user_that_runs_it(fleet: FakeFleet) -> None:
    made_folder(fleet.folder)
    fleet.answers("edge1", stat={"stat": {"exists": True}}, node_look=without_identity("missing"))
    _status, output = fleet.play("site", "-i", "all.yml", **ANY_USER)
    assert "docs/ca.md (Change the passphrase)" in " ".join(output.split()), "the keys were not read"
    assert not (fleet.folder / "became").exists()


def dictionaries(tree: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary of a file, tasks and plays among them."""
    if isinstance(tree, dict):
        yield tree
    for below in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else []:
        yield from dictionaries(below)


def test_every_task_for_the_control_node_says_that_it_becomes_nobody() -> None:
    """The keyword is for C(--become), the variable for an inventory that has it for all hosts."""
    files = [*ROOT.glob("playbooks/**/*.yml"), *ROOT.glob("roles/*/tasks/*.yml")]
    tasks = [task for file in files for task in dictionaries(yaml.safe_load(file.read_text()))]
    here = [task for task in tasks if task.get("delegate_to") == "localhost"]
    assert len(here) >= 3
    assert [task["name"] for task in here if task.get("become") is not False] == []
    assert [task["name"] for task in here if (task.get("vars") or {}).get("ansible_become") is not False] == []
