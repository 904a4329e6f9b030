# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role that is used on its own looks at the node, plans its part, and stops before any change where it must."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_node import FakeFleet
from seen_node import answer, node_of, space

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.made_by_hand import HandMade
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import ManagedFile
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.packages import InstalledPackage
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.look_request import look_request
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import wanted_node

PACKAGES = ("orthanc", "orthanc-dicomweb", "openssl", "python3-cryptography")


def by_hand() -> dict[str, Any]:
    """Return what an Orthanc answers that was configured by hand, asked for what concerns the role alone."""
    asked = look_request(wanted_node(node_of(), PACKAGES, part="orthanc"), None, 0)
    record = {"recorded": False, "differs": [], "service_state": "active"}
    return answer(
        packages={name: InstalledPackage("1.0-1") for name in PACKAGES},
        files=dict.fromkeys(asked["files"], ManagedFile("missing")),
        made_by_hand=HandMade(("/etc/orthanc/orthanc.json",), ()),
        free_space={folder: space() for folder in asked["folders"]},
        ports=[],
        nginx=None,
        civetweb=None,
        enrolment=None,
        server_certificate=None,
        services={"orthanc": {"record": record, "fault": None, "served": None, "not_loaded": None}},
        answers={"results": [], "faults": dict.fromkeys([probe["name"] for probe in asked["probes"]], "no answer")},
    )


@pytest.mark.parametrize("source", ["an INI inventory", "the command line"])
@pytest.mark.parametrize(("said", "replaced"), [("false", False), ("no", False), ("true", True)])
@pytest.mark.parametrize("entry", ["main", "packages"])
def test_a_configuration_made_by_hand_is_replaced_only_if_the_text_says_so(
    tmp_path: Path, source: str, said: str, replaced: bool, entry: str
) -> None:
    fleet = FakeFleet(tmp_path, {"edge1": {}}, {})
    fleet.answers("edge1", node_look=by_hand())
    (tmp_path / "more.ini").write_text(f"[orthanc]\nedge1\n[orthanc:vars]\northanc_replace_configuration={said}\n")
    role = {"name": "openimaging.orthanc.orthanc", "tasks_from": entry}
    play = {"hosts": "orthanc", "gather_facts": False, "tasks": [{"ansible.builtin.import_role": role}]}
    (tmp_path / "own.yml").write_text(json.dumps([play]))
    given = {"an INI inventory": ["-i", "more.ini"]}.get(source, ["-e", f"orthanc_replace_configuration={said}"])
    _status, output = fleet.play(tmp_path / "own.yml", *given)
    words = " ".join(output.split())
    assert ("edge1: This Orthanc was configured by hand ('/etc/orthanc/orthanc.json')" in words) is not replaced, output
    assert ("Nothing was changed on this node." in words) is not replaced
    asked = fleet.asked("edge1")
    assert asked[0] == "node_look" and (asked[1:] != []) is replaced
