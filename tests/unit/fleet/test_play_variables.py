# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that a play has and the inventory has not: those of the fleet are an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from authorities import PASSPHRASE, made_folder
from fake_node import FakeFleet
from seen_node import without_identity

HOSTS: dict[str, dict[str, Any]] = {"edge1": {}, "archive": {"orthanc_peers": ["edge1"]}}
PASSWORD = "a-password-from-vars-files"
READER = {"RegisteredUsers": {"reader": "{{ site_reader }}"}}
BUILTIN = "edge1: a play gives this host other values than the inventory"


@pytest.fixture
def fleet(tmp_path: Path) -> FakeFleet:
    made_folder(tmp_path)
    fleet = FakeFleet(tmp_path, HOSTS, {"site_mode": "frontend"})
    for host in HOSTS:
        fleet.answers(host, stat={"stat": {"exists": True}}, node_look=without_identity("missing"))
    return fleet


def run(fleet: FakeFleet, play: dict[str, Any], *arguments: str) -> tuple[int, str]:
    """Run a playbook of one play or import; return its status, and its output in one line."""
    (fleet.folder / "secrets.yml").write_text(yaml.safe_dump({"site_reader": PASSWORD}))
    (fleet.folder / "own.yml").write_text(yaml.safe_dump([play], sort_keys=False))
    status, output = fleet.play(fleet.folder / "own.yml", *arguments)
    assert PASSWORD not in output and PASSPHRASE not in output
    return status, " ".join(output.split())


def imported(playbook: str, **variables: Any) -> dict[str, Any]:
    return {"ansible.builtin.import_playbook": f"openimaging.orthanc.{playbook}", "vars": variables}


def play(*tasks: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    return {"hosts": "orthanc", "gather_facts": False, **keywords, "tasks": list(tasks)}


def role(name: str, **keywords: Any) -> dict[str, Any]:
    return {"ansible.builtin.import_role": {"name": f"openimaging.orthanc.{name}"}, **keywords}


PACKAGES = {"ansible.builtin.import_role": {"name": "openimaging.orthanc.orthanc", "tasks_from": "packages"}}
VIEW = {"ansible.builtin.debug": {"msg": "{{ inventory_hostname | openimaging.orthanc.fleet(hostvars, groups) }}"}}


@pytest.mark.parametrize("playbook", ["site", "rotate", "rollover", "rollback", "adopt", "verify"])
def test_variables_of_an_import_are_an_error_before_any_host_is_asked(fleet: FakeFleet, playbook: str) -> None:
    variables = {"orthanc_tls_mode": "builtin", "orthanc_dicom_aet": "ARCHIVE1"}
    status, output = run(fleet, imported(playbook, **variables), "--limit", "edge1")
    assert status == 2
    assert BUILTIN in output
    assert "orthanc_tls_mode ('builtin' in the play, 'frontend' in the inventory)" in output
    assert "orthanc_dicom_aet ('ARCHIVE1' in the play, 'ORTHANC' in the inventory)" in output
    assert "Nothing was changed." in output
    assert fleet.asked("edge1") == []


def test_servers_that_an_import_trusts_are_an_error_as_the_plan_would_not_know_them(fleet: FakeFleet) -> None:
    status, output = run(fleet, imported("site", identity_server_ca_certificates=["-----BEGIN CERTIFICATE-----"]))
    assert (status, fleet.asked("edge1")) == (2, [])
    assert "identity_server_ca_certificates" in output


def test_variables_of_a_play_and_of_vars_files_are_an_error_of_the_first_role(fleet: FakeFleet) -> None:
    variables = {"orthanc_tls_mode": "builtin", "orthanc_config": {"StorageDirectory": "/srv/images", **READER}}
    status, output = run(fleet, play(PACKAGES, vars=variables, vars_files=["secrets.yml"]), "--limit", "edge1")
    assert status == 2
    assert BUILTIN in output and "orthanc_tls_mode ('builtin' in" in output and "; orthanc_config." in output
    assert "apt" not in fleet.asked("edge1")


def test_a_secret_of_vars_files_that_the_inventory_uses_is_an_error(tmp_path: Path) -> None:
    fleet = FakeFleet(tmp_path, {"edge1": {"orthanc_config": READER}}, {})
    status, output = run(fleet, play(VIEW, vars_files=["secrets.yml"]))
    assert status == 2
    assert BUILTIN in output and "orthanc_config (the inventory alone gives it no value)" in output


@pytest.mark.parametrize(
    ("task", "name"),
    [
        (role("orthanc", vars={"orthanc_http_port": 8043}), "orthanc_http_port ('8043' in the play, '8042' in"),
        (role("frontend", vars={"frontend_path_prefix": "/pacs/"}), "frontend_path_prefix ('/pacs/' in the play"),
        (
            {**VIEW, "vars": {"orthanc_fqdn": "pacs.example.org"}},
            "orthanc_fqdn ('pacs.example.org' in the play",
        ),
        (
            {"openimaging.orthanc.identity_info": {}, "vars": {"identity_path": "/srv/tls"}},
            "identity_path ('/srv/tls' in the play, '/etc/orthanc/tls' in the inventory)",
        ),
        (
            {"openimaging.orthanc.node_look": {}, "vars": {"site_mode": "builtin"}},
            "orthanc_tls_mode ('builtin' in the play, 'frontend' in the inventory)",
        ),
    ],
    ids=["a role call", "another role", "a task with a filter", "a task with a module", "what a variable is made of"],
)
def test_variables_of_a_role_call_or_a_task_are_an_error(tmp_path: Path, task: dict[str, Any], name: str) -> None:
    own = {"site_mode": "frontend", "orthanc_tls_mode": "{{ site_mode }}"}
    fleet = FakeFleet(tmp_path, {"edge1": own}, {})
    fleet.answers("edge1", nginx_info={"port_holders": [], "other_listeners": []})
    status, output = run(fleet, play(task))
    assert status == 2
    assert BUILTIN in output and name in output
    assert set(fleet.asked("edge1")) <= {"stat", "civetweb_shim"}


def test_a_value_made_of_facts_is_an_error(tmp_path: Path) -> None:
    made = {"orthanc_config": {"HttpThreadsCount": "{{ (ansible_facts.processor_vcpus | default(2)) * 10 }}"}}
    fleet = FakeFleet(tmp_path, {"edge1": made}, {})
    fleet.answers("edge1", ping={"ansible_facts": {"ansible_processor_vcpus": 8}})
    assert run(fleet, play(VIEW))[0] == 0
    status, output = run(fleet, play({"ansible.builtin.ping": {}}, VIEW))
    assert status == 2
    assert BUILTIN in output and "orthanc_config. Set this in the inventory" in output
    assert "A value that depends on facts of the host counts as such a value too." in output


def test_what_the_inventory_says_may_be_said_again(fleet: FakeFleet) -> None:
    again = {"orthanc_tls_mode": "{{ 'front' ~ 'end' }}", "orthanc_config": {}, "orthanc_fqdn": ""}
    status, output = run(fleet, play(VIEW, vars=again))
    assert status == 0, output


def test_extra_variables_are_seen_by_all_hosts(fleet: FakeFleet) -> None:
    status, output = run(fleet, play(VIEW, vars={"orthanc_tls_mode": "frontend"}), "-e", "orthanc_tls_mode=builtin")
    assert (status, output.count('"tls_mode": "builtin"')) == (0, 2), output


def test_what_concerns_no_other_host_is_what_the_play_says(fleet: FakeFleet) -> None:
    look = {"openimaging.orthanc.node_look": {}, "vars": {"frontend_http_port": "eighty"}}
    status, output = run(fleet, play(look), "--limit", "edge1")
    assert status == 2
    assert "edge1: frontend_http_port is 'eighty', which cannot be used" in output
