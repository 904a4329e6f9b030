# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An INI inventory and C(-e name=value) give text: it means what it says, or is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from authorities import NOW, made_folder
from fake_node import ROOT

from ansible_collections.openimaging.orthanc.plugins.filter.fleet import fleet as fleet_view
from ansible_collections.openimaging.orthanc.plugins.filter.fleet import orthanc_json
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.info import authority_info
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover import plan
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover_run import Asked

HOSTS = ("archive", "edge1", "edge2")
GROUPS = {"orthanc": [*HOSTS], "edges": ["edge1", "edge2"]}


def view(**variables: Any) -> dict[str, Any]:
    return fleet_view("archive", {"edge1": {}, "edge2": {}, "archive": variables}, GROUPS)


@pytest.mark.parametrize("peers", ["edge1,edge2", "edge1, edge2", "edges", ["edges"]])
def test_peers_as_text_are_a_list(peers: Any) -> None:
    assert [peer["host"] for peer in view(orthanc_peers=peers)["peers"]] == ["edge1", "edge2"]


def test_names_as_text_are_a_list() -> None:
    found = view(frontend_server_names="pacs.test, images.test", orthanc_subject_alt_names="IP:192.0.2.7")
    assert found["names"] == ["DNS:archive", "DNS:pacs.test", "DNS:images.test", "IP:192.0.2.7"]


def test_one_certificate_of_other_servers_is_one() -> None:
    found = view(identity_server_ca_certificates="-----BEGIN CERTIFICATE-----")
    assert found["server_ca_certificates"] == ["-----BEGIN CERTIFICATE-----"]


def test_an_empty_text_is_an_empty_list() -> None:
    assert view(orthanc_peers="", frontend_server_names="")["peers"] == []


def test_keys_as_text_are_a_list() -> None:
    config = {"orthanc_config": {"NewKey": 1, "Newer": 2}}
    settings = json.loads(orthanc_json("a", {"a": config}, {"orthanc": ["a"]}, "/identity", "NewKey, Newer"))
    assert (settings["NewKey"], settings["Newer"]) == (1, 2)


def test_nodes_that_are_waived_as_text_are_each_waived(tmp_path: Path) -> None:
    ca = authority_info(made_folder(tmp_path).path, NOW)
    ca["authorities"].append({**ca["authorities"][0], "state": "staged", "fingerprint_sha256": "of the next"})
    looks = {"a": None, "b": None}
    assert sorted(plan(ca["authorities"], [], looks).blockers) == ["a", "b"]
    asked = Asked.of({"common_name": "", "waive": "a, b", "handed_out": "", "stop_after": "", "emergency": False})
    assert plan(ca["authorities"], [], looks, waive=asked.waive).blockers == {}


def test_a_timeout_as_text_is_a_number_for_orthanc() -> None:
    peers = {"clinic": {"url": "https://clinic.test/", "timeout": "30"}}
    settings = json.loads(orthanc_json("a", {"a": {"orthanc_external_peers": peers}}, {"orthanc": ["a"]}, "/identity"))
    assert settings["OrthancPeers"]["clinic"]["Timeout"] == 30


def test_a_number_as_the_user_of_peers_is_the_users_name() -> None:
    users = {"orthanc_config": {"RegisteredUsers": {"7": "a", "8": "b"}}, "orthanc_peer_user": 7}
    hosts: dict[str, dict[str, Any]] = {"archive": {"orthanc_peers": ["edge1"]}, "edge1": users, "edge2": {}}
    settings = json.loads(orthanc_json("archive", hosts, GROUPS, "/identity"))
    assert settings["OrthancPeers"]["edge1"]["Username"] == "7"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"orthanc_config": "Name=PACS"}, "archive: orthanc_config is text; it must be a dictionary"),
        ({"orthanc_config": ["Name"]}, "archive: orthanc_config is a list; it must be a dictionary"),
        ({"orthanc_external_peers": "clinic"}, "archive: orthanc_external_peers is text; it must be a dictionary"),
        ({"orthanc_peers": '["edge1"]'}, """archive: orthanc_peers is '["edge1"]'; it must be a list"""),
        ({"orthanc_peers": {"edge1": 1}}, "archive: orthanc_peers is {'edge1': 1}; it must be a list"),
        ({"orthanc_peers": [None]}, "archive: orthanc_peers is [None]; it must be a list"),
        ({"frontend_server_names": 5}, "archive: frontend_server_names is 5; it must be a list"),
        ({"orthanc_external_peers": {"x": None}}, "archive: orthanc_external_peers['x'] must be a dictionary with"),
        (
            {"orthanc_external_peers": {"x": {"url": "https://x/", "timeout": "soon"}}},
            "archive: orthanc_external_peers['x'] has the timeout 'soon'; it must be a whole number of seconds.",
        ),
        (
            {"orthanc_config": {"RegisteredUsers": {"jane": None}}},
            "archive: the password of 'jane' in orthanc_config.RegisteredUsers must be text",
        ),
        (
            {"orthanc_config": {"RegisteredUsers": {"jane": True}}},
            "archive: the password of 'jane' in orthanc_config.RegisteredUsers must be text",
        ),
    ],
)
def test_what_cannot_be_meant_is_an_error_that_names_host_and_variable(variables: dict[str, Any], said: str) -> None:
    with pytest.raises(OrthancTlsError) as error:
        view(**variables)
    assert said in str(error.value)


def booleans() -> set[str]:
    """Every variable of users that is a boolean, as the argument specs have it."""
    specs = [*ROOT.glob("roles/*/meta/argument_specs.yml"), ROOT / "playbooks/meta/argument_specs.yml"]
    entries = [entry for file in specs for entry in yaml.safe_load(file.read_text())["argument_specs"].values()]
    options = [option for entry in entries for option in (entry.get("options") or {}).items()]
    return {name for name, option in options if option.get("type") == "bool"}


def test_no_condition_takes_a_boolean_of_users_as_it_is() -> None:
    """C(not 'false') is false: text is true, whatever it says."""
    condition = re.compile(
        rf"(?:\b(?:not|if|and|or|when:|that:)|-) +\(*(?:{'|'.join(sorted(booleans()))})\b(?P<rest>.*)"
    )
    files = [*ROOT.glob("roles/*/[tv]*/*.yml"), *ROOT.glob("playbooks/**/*.yml"), *ROOT.glob("roles/*/templates/*")]
    lines = [line for file in [*files, *ROOT.glob("playbooks/templates/*")] for line in file.read_text().splitlines()]
    asked = [match for line in lines for match in condition.finditer(line)]
    assert len(booleans()) > 10 and len(asked) >= 3
    assert [match.string for match in asked if not re.match(r"( \| default\(false\))? \| bool\b", match["rest"])] == []
