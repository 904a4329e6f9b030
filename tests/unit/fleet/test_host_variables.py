# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables without a value, encrypted ones and ones made of facts, as the fleet view gets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from authorities import made_folder
from fake_node import FakeFleet

READERS_PASSWORD = "pw-of-reader"
VAULT_PASSWORD = "opens-the-vault"
FORGOTTEN = {"RegisteredUsers": {"reader": "{{ vault_reader_password }}"}}
SETTINGS = "{{ inventory_hostname | openimaging.orthanc.orthanc_json(hostvars, groups, '/identity') }}"
PROBE = "{{ inventory_hostname | openimaging.orthanc.health(hostvars, groups, '/identity') | to_json }}"


class Encrypted(str):
    """A value that is encrypted by itself, as C(ansible-vault encrypt_string) writes it."""

    __slots__ = ()


class Dumper(yaml.SafeDumper):
    """Writes C(!vault) before such values."""


Dumper.add_representer(Encrypted, lambda dumper, value: dumper.represent_scalar("!vault", str(value), style="|"))


def encrypted(text: str) -> Encrypted:
    vault = VaultLib([("default", VaultSecret(VAULT_PASSWORD.encode()))])
    return Encrypted(vault.encrypt(text.encode()).decode())


def run(tmp_path: Path, hosts: dict[str, dict[str, Any]], *tasks: str, password: str | None = None) -> tuple[int, str]:
    """Print some templates on every host; return the status and all of the output in one line."""
    fleet = FakeFleet(tmp_path, {host: {} for host in hosts}, {})
    for host, variables in hosts.items():
        folder = tmp_path / "host_vars"
        folder.mkdir(exist_ok=True)
        (folder / f"{host}.yml").write_text(yaml.dump(variables, Dumper=Dumper))
    shown = [{"ansible.builtin.debug": {"msg": f"<<{task}>>"}} for task in tasks]
    (tmp_path / "own.yml").write_text(json.dumps([{"hosts": "orthanc", "gather_facts": False, "tasks": shown}]))
    (tmp_path / "password").write_text(password or "")
    arguments = [f"--vault-password-file={tmp_path / 'password'}"] if password else []
    status, output = fleet.play(tmp_path / "own.yml", *arguments)
    return status, " ".join(output.split())


def printed(output: str) -> list[Any]:
    """Return what the templates made of their JSON."""
    return [json.loads(json.loads(f'"{part.split(">>")[0]}"')) for part in output.split("<<")[1:]]


def test_a_password_that_is_encrypted_by_itself_is_the_right_one_everywhere(tmp_path: Path) -> None:
    reader = encrypted(READERS_PASSWORD)
    config = {"RegisteredUsers": {"reader": reader}, "PostgreSQL": {"EnableIndex": True, "Password": reader}}
    status, output = run(tmp_path, {"edge1": {"orthanc_config": config}}, SETTINGS, PROBE, password=VAULT_PASSWORD)
    assert status == 0, output
    settings, (probe,) = printed(output)
    assert settings["RegisteredUsers"] == {"reader": READERS_PASSWORD}
    assert settings["PostgreSQL"] == {"EnableIndex": True, "Password": READERS_PASSWORD}
    assert (probe["username"], probe["password"]) == ("reader", READERS_PASSWORD)


@pytest.mark.parametrize("password", [None, "another"], ids=["no vault password", "another vault password"])
def test_what_cannot_be_decrypted_is_named(tmp_path: Path, password: str | None) -> None:
    config = {"RegisteredUsers": {"reader": encrypted(READERS_PASSWORD)}}
    status, output = run(tmp_path, {"edge1": {"orthanc_config": config}}, SETTINGS, password=password)
    assert status == 2
    said = "edge1: the variable orthanc_config has no value: a part of it is encrypted with ansible-vault, and no vault"
    assert said in output


@pytest.mark.parametrize("template", [SETTINGS, PROBE], ids=["settings", "probe"])
def test_a_forgotten_secret_names_the_host_that_needs_it_and_the_variable(tmp_path: Path, template: str) -> None:
    hosts: dict[str, dict[str, Any]] = {"edge1": {"orthanc_config": FORGOTTEN}}
    status, output = run(tmp_path, hosts, template)
    assert status == 2
    assert (
        "failed: edge1: the variable orthanc_config has no value: 'vault_reader_password' is undefined. Cor" in output
    )
    assert output.count("'vault_reader_password' is undefined") <= 3, "shown by Ansible as error, cause and result"


def test_a_host_that_calls_one_with_a_forgotten_secret_names_that_one(tmp_path: Path) -> None:
    made_folder(tmp_path)
    fleet = FakeFleet(tmp_path, {"edge1": {"orthanc_config": FORGOTTEN}, "edge2": {"orthanc_peers": ["edge1"]}}, {})
    status, output = fleet.play("site", "--limit", "edge2")
    assert status == 2
    assert "edge1: the variable orthanc_config has no value: 'vault_reader_password' is undefined." in output
    assert fleet.asked("edge2") == []


def test_variables_that_nobody_asks_for_may_have_no_value(tmp_path: Path) -> None:
    hosts = {"edge1": {"site_motto": "{{ nothing }}", "orthanc_own_variables": ["orthanc_motto"]}}
    hosts["edge1"]["orthanc_motto"] = "{{ ansible_fqdn }}"
    status, output = run(tmp_path, hosts, SETTINGS)
    assert status == 0, output
    fleet = FakeFleet(tmp_path, hosts, {"frontend_http_port": "eighty"})
    _status, output = fleet.play("site")
    assert "edge1: frontend_http_port is 'eighty', which cannot be used" in output, "which comes after all were read"


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"orthanc_fqdn": "{{ ansible_fqdn }}"}, "orthanc_fqdn"),
        ({"orthanc_subject_alt_names": ["IP:{{ ansible_default_ipv4.address }}"]}, "orthanc_subject_alt_names"),
        ({"orthanc_config": {"Name": "{{ ansible_facts.hostname }}"}}, "orthanc_config"),
        ({"orthanc_peers": "{{ groups.edges }}"}, "orthanc_peers"),
        ({"orthanc_http_port": "{{ 1 // 0 }}"}, "orthanc_http_port"),
    ],
    ids=["the name", "one of many names", "a setting", "a group", "a template that fails"],
)
def test_what_is_made_of_facts_or_cannot_be_made_is_named(tmp_path: Path, variables: dict[str, Any], name: str) -> None:
    status, output = run(tmp_path, {"edge1": variables}, SETTINGS)
    assert status == 2
    assert f"edge1: the variable {name} has no value: " in output
    assert "facts of a host and variables of a play do not." in output


def test_a_default_for_a_missing_fact_counts(tmp_path: Path) -> None:
    config = {"HttpThreadsCount": "{{ (ansible_processor_vcpus | default(2)) * 10 }}"}
    status, output = run(tmp_path, {"edge1": {"orthanc_config": config}}, SETTINGS)
    assert status == 0, output
    assert printed(output)[0]["HttpThreadsCount"] == 20


def test_the_list_of_ones_own_variables_may_not_be_undefined(tmp_path: Path) -> None:
    fleet = FakeFleet(tmp_path, {"edge1": {"orthanc_own_variables": "{{ nothing }}"}}, {})
    status, output = fleet.play("site")
    assert status == 2
    assert "edge1: the variable orthanc_own_variables has no value: 'nothing' is undefined." in output
