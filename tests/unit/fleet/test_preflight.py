# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every playbook refuses before it looks at any host, as ansible-playbook runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from documented_yaml import ROOT, keys

PREFLIGHT = str(ROOT / "playbooks/steps/preflight.yml")
OF_THE_FLEET = ("site", "rotate", "rollover", "rollback", "adopt", "verify")
NO_GROUP = "The inventory has no host in the group 'orthanc'"
UNREADABLE = "orthanc:\n  hosts: {edge1:, edge2:}\n"


class Run:
    """One run of ansible-playbook: its exit code, and its output without line breaks."""

    def __init__(self, folder: Path, playbook: str, inventory: str, *flags: str) -> None:
        (folder / "inventory.yml").write_text(inventory)
        done = subprocess.run(
            [Path(sys.executable).with_name("ansible-playbook"), playbook, "--inventory=inventory.yml", *flags],
            cwd=folder,
            env=os.environ | {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCAL_TEMP": str(folder / "local"), "COLUMNS": "500"},
            capture_output=True,
            text=True,
            check=False,
        )
        self.code = done.returncode
        self.output = " ".join((done.stdout + done.stderr).replace("\\n", "\n").split())


def fleet(folder: Path, *, host: dict[str, Any] | None = None, **variables: Any) -> str:
    """An inventory of two hosts that nobody reaches; C(host) are variables of the first."""
    for_all = {
        "ansible_connection": "ssh",
        "ansible_host": "unreachable.invalid",
        "orthanc_ca_dir": str(folder / "ca"),
        "orthanc_ca_passphrase": "correct-horse-battery",
        **variables,
    }
    return yaml.safe_dump({"orthanc": {"hosts": {"archive": host or {}, "edge1": {}}, "vars": for_all}})


def refused(run: Run, folder: Path) -> bool:
    """Whether the run failed before the first task of its own and left nothing on the control node."""
    return run.code not in (0, 4) and run.output.count("TASK [") == 1 and not (folder / "ca").exists()


@pytest.mark.parametrize("playbook", OF_THE_FLEET)
def test_an_inventory_that_cannot_be_read_is_an_error_of_every_playbook(tmp_path: Path, playbook: str) -> None:
    run = Run(tmp_path, f"openimaging.orthanc.{playbook}", UNREADABLE, "--limit", "edge1")
    assert run.code != 0, run.output
    assert NO_GROUP in run.output


@pytest.mark.parametrize("flags", [[], ["--limit", "web1"]], ids=["without a limit", "with a limit"])
@pytest.mark.parametrize(
    "inventory",
    [UNREADABLE, "web: {hosts: {web1: }}\northanc: {hosts: {}}", "web: {hosts: {web1: }}\northnac: {hosts: {edge1: }}"],
    ids=["unreadable", "empty", "misspelt"],
)
def test_a_group_without_hosts_is_an_error(tmp_path: Path, inventory: str, flags: list[str]) -> None:
    run = Run(tmp_path, "openimaging.orthanc.site", inventory, *flags)
    assert run.code != 0, run.output
    assert NO_GROUP in run.output


def test_a_syntax_check_needs_no_inventory(tmp_path: Path) -> None:
    run = Run(tmp_path, "openimaging.orthanc.site", "", "--syntax-check")
    assert run.code == 0, run.output


@pytest.mark.parametrize("playbook", OF_THE_FLEET)
def test_every_playbook_refuses_a_misspelt_variable_before_anything_is_done(tmp_path: Path, playbook: str) -> None:
    run = Run(tmp_path, f"openimaging.orthanc.{playbook}", fleet(tmp_path, host={"orthanc_tls_mod": "builtin"}))
    assert refused(run, tmp_path), run.output
    assert "orthanc_tls_mod (archive): did you mean orthanc_tls_mode?" in run.output
    assert "Nothing was changed." in run.output


@pytest.mark.parametrize("playbook", OF_THE_FLEET)
def test_every_playbook_refuses_two_hosts_of_one_name_whatever_the_limit(tmp_path: Path, playbook: str) -> None:
    inventory = fleet(tmp_path, host={"orthanc_fqdn": "{{ 'Edge1' }}"})
    run = Run(tmp_path, f"openimaging.orthanc.{playbook}", inventory, "--limit", "archive")
    assert refused(run, tmp_path), run.output
    assert "DNS:edge1: archive (orthanc_fqdn), edge1 (inventory name)" in run.output
    assert "Nothing was changed." in run.output


def test_a_name_that_needs_facts_is_an_error_as_it_has_no_value(tmp_path: Path) -> None:
    run = Run(tmp_path, PREFLIGHT, fleet(tmp_path, orthanc_fqdn="{{ ansible_facts.fqdn }}"))
    assert refused(run, tmp_path), run.output
    assert "every host: the variable orthanc_fqdn has no value" in run.output


@pytest.mark.parametrize("playbook", OF_THE_FLEET)
def test_every_playbook_refuses_all_wrong_values_at_once_whatever_the_limit(tmp_path: Path, playbook: str) -> None:
    config = {"RegisteredUsers": {"jane": "not-to-be-shown"}, "DicomModalities": {"ct": ["CT", "h", "x104"]}}
    inventory = fleet(tmp_path, host={"orthanc_http_port": 0, "orthanc_config": config}, identity_lifetime=180)
    run = Run(tmp_path, f"openimaging.orthanc.{playbook}", inventory, "--limit", "edge1")
    assert refused(run, tmp_path), run.output
    for said in (
        "archive: orthanc_http_port is '0'; it must be a TCP port",
        "archive: orthanc_config.DicomModalities.ct.Port is 'x104'; Orthanc takes a whole number",
        "identity_lifetime is '180', which is no duration",
        "Nothing was changed.",
    ):
        assert run.output.count(said) == 2, run.output  # Ansible shows the error, and the task's result
    assert "not-to-be-shown" not in run.output and "output has been hidden" not in run.output


def test_misspelt_variables_of_all_sources_are_named_at_once_whatever_the_limit(tmp_path: Path) -> None:
    for folder, variables in (("group_vars", "frontend_client_atuh: none"), ("host_vars", "identity_lifetme: 20d")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ("orthanc.yml" if folder == "group_vars" else "edge1.yml")).write_text(variables)
    inventory = fleet(tmp_path, host={"orthanc_tls_mod": "builtin"})
    run = Run(tmp_path, "openimaging.orthanc.site", inventory, "-e", "rollover_wave=edge1", "--limit", "archive")
    assert refused(run, tmp_path), run.output
    for said in (
        "orthanc_tls_mod (archive): did you mean orthanc_tls_mode?",
        "frontend_client_atuh (every host): did you mean frontend_client_auth?",
        "identity_lifetme (edge1): did you mean identity_lifetime?",
        "rollover_wave (every host): did you mean rollover_waive?",
    ):
        assert said in run.output


def test_a_misspelt_variable_of_the_play_that_imports_a_playbook_is_an_error(tmp_path: Path) -> None:
    imported = {"ansible.builtin.import_playbook": "openimaging.orthanc.site", "vars": {"orthanc_tls_mod": "builtin"}}
    (tmp_path / "own.yml").write_text(json.dumps([imported]))
    run = Run(tmp_path, "own.yml", fleet(tmp_path))
    assert refused(run, tmp_path), run.output
    assert "orthanc_tls_mod (archive): did you mean orthanc_tls_mode?" in run.output


def test_variables_of_ones_own_are_listed_by_name(tmp_path: Path) -> None:
    own: dict[str, Any] = {"ca_bundle": "/etc/ssl/certs/ca-certificates.crt", "orthanc_site": "north"}
    run = Run(tmp_path, PREFLIGHT, fleet(tmp_path, **own))
    assert refused(run, tmp_path), run.output
    assert "ca_bundle (every host): the collection has no similar name orthanc_site (every host):" in run.output
    assert "If a variable is your own, add its name to the list orthanc_own_variables." in run.output
    run = Run(tmp_path, PREFLIGHT, fleet(tmp_path, orthanc_own_variables=list(own), **own))
    assert run.code == 0, run.output


def test_the_list_of_ones_own_variables_is_a_list(tmp_path: Path) -> None:
    run = Run(tmp_path, PREFLIGHT, fleet(tmp_path, orthanc_own_variables="ca_bundle", ca_bundle=""))
    assert run.code == 2, run.output
    assert "archive: orthanc_own_variables must be a list of names of variables, such as [ca_bundle]." in run.output


def test_a_good_inventory_passes_without_a_word_and_without_a_host_that_answers(tmp_path: Path) -> None:
    others: dict[str, Any] = {"__orthanc_x": 1, "site_domain": "example.org", "vault_orthanc_ca_passphrase": "x"}
    run = Run(tmp_path, PREFLIGHT, fleet(tmp_path, **others), "--limit", "edge1", "--check")
    assert run.code == 0, run.output
    assert run.output.startswith("PLAY [") and "ok: [edge1] PLAY RECAP" in run.output


def test_a_value_that_cannot_be_had_is_an_error_of_a_host_that_takes_part(tmp_path: Path) -> None:
    missing = "{{ lookup('ansible.builtin.file', '/nonexistent') }}"
    inventory = fleet(tmp_path, host={"orthanc_config": missing, "frontend_packages": "{{ undefined_name }}"})
    run = Run(tmp_path, PREFLIGHT, inventory, "--limit", "edge1")
    assert run.code == 0, run.output
    run = Run(tmp_path, PREFLIGHT, inventory)
    assert refused(run, tmp_path), run.output
    for variable in ("orthanc_config", "frontend_packages"):
        assert f"archive: the variable {variable} has no value" in run.output


@pytest.mark.parametrize("flags", [["--tags", "frontend"], ["--skip-tags", "packages"]], ids=["tags", "skip-tags"])
@pytest.mark.parametrize("playbook", ["openimaging.orthanc.site", str(ROOT / "playbooks/verify.yml")])
def test_tags_are_an_error_as_no_playbook_has_any(tmp_path: Path, playbook: str, flags: list[str]) -> None:
    run = Run(tmp_path, playbook, fleet(tmp_path), *flags)
    assert refused(run, tmp_path), run.output
    assert f"{' '.join(flags)}: the collection's playbooks have no tags." in run.output


def test_no_task_has_a_tag_but_the_check_itself() -> None:
    files = [file for folder in ("playbooks", "roles") for file in (ROOT / folder).glob("**/*.yml")]
    tagged = {file.name for file in files if "tags" in keys(yaml.safe_load(file.read_text()))}
    assert tagged == {"preflight.yml", "schedule.yml"}


def test_ones_own_playbook_that_imports_ours_may_have_tags(tmp_path: Path) -> None:
    own = {"hosts": "orthanc", "gather_facts": False, "tags": ["own"], "tasks": [{"ansible.builtin.debug": {}}]}
    imported = {"ansible.builtin.import_playbook": "openimaging.orthanc.site"}
    (tmp_path / "own.yml").write_text(json.dumps([own, imported]))
    run = Run(tmp_path, "own.yml", fleet(tmp_path), "--tags", "own")
    assert run.code == 0, run.output


def test_the_schedule_checks_the_variables_of_the_control_node(tmp_path: Path) -> None:
    control = {"all": {"hosts": {"localhost": {"schedule_usr": "x", "ansible_connection": "ssh"}}}}
    run = Run(tmp_path, "openimaging.orthanc.schedule", yaml.safe_dump(control))
    assert refused(run, tmp_path), run.output
    assert "schedule_usr (localhost): did you mean schedule_user?" in run.output
