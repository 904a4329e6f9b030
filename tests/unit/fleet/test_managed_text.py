# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(ansible_managed) may be of two lines, or have a date: neither reaches a file on a node."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_node import ROOT, FakeFleet
from jinja2 import Environment, nodes
from rendered_site import site

TEMPLATES = sorted([*ROOT.glob("roles/*/templates/*.j2"), *ROOT.glob("playbooks/templates/*.j2")])
TWO_LINES = "This file belongs to the imaging team.\nChange it in git only."
CONFIGURATIONS = {
    "two lines": "This file belongs to the imaging team.\n  Change it in git only.",
    "a date": "Ansible managed: {file} modified on %Y-%m-%d %H:%M:%S by {uid} on {host}",
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_template_reads_it_and_what_stands_for_it_is_a_comment(template: Path) -> None:
    text = template.read_text()
    assert "ansible_managed" not in {name.name for name in Environment().parse(text).find_all(nodes.Name)}
    assert [line for line in text.splitlines() if "Ansible managed" in line and line != "# Ansible managed"] == []


def test_the_site_is_the_same_whatever_it_is() -> None:
    assert site({}, {"ansible_managed": TWO_LINES}) == site({}, {})


@pytest.mark.parametrize("text", CONFIGURATIONS.values(), ids=CONFIGURATIONS.keys())
def test_a_file_is_the_same_whatever_the_configuration_and_the_inventory_say(tmp_path: Path, text: str) -> None:
    fleet = FakeFleet(tmp_path, {"edge1": {}}, {"ansible_managed": TWO_LINES})
    (tmp_path / "own.cfg").write_text(f"[defaults]\nansible_managed = {text}\n")
    template = ROOT / "roles/orthanc/templates/openssl.cnf.j2"
    shown = {"ansible.builtin.debug": {"msg": f"{{{{ lookup('ansible.builtin.template', '{template}') }}}}"}}
    (tmp_path / "own.yml").write_text(json.dumps([{"hosts": "orthanc", "gather_facts": False, "tasks": [shown]}]))
    status, output = fleet.play(tmp_path / "own.yml", ANSIBLE_CONFIG=str(tmp_path / "own.cfg"))
    assert status == 0, output
    assert f'"msg": {json.dumps(template.read_text())}' in output
