# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that sends facts with its answers decides nothing: not its name, nor whom anybody trusts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from authorities import PASSPHRASE, made_folder
from cryptography import x509
from cryptography.x509.oid import NameOID
from fake_node import ROOT, FakeFleet
from seen_node import without_identity

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.node_key import new_key
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.inventory import OWN_PREFIXES

HOSTS = {"edge1": {"orthanc_peers": ["archive"]}, "archive": {"orthanc_peers": ["edge1"]}}
NAMES = {"orthanc_fqdn": "{{ inventory_hostname }}.{{ site_domain }}", "site_domain": "example.org"}
PLAYBOOKS = ["site", "rotate", "rollover", "rollback", "adopt", "verify"]
OWN = "a variable of the user's own"
FACTS = {
    "a variable of the fleet": {"orthanc_fqdn": "archive.example.org"},
    OWN: {"site_domain": "attacker.example"},
    "an option that the inventory leaves alone": {"identity_client_ca_certificates": ["-----BEGIN CERTIFICATE-----"]},
}


@pytest.fixture
def fleet(tmp_path: Path) -> FakeFleet:
    made_folder(tmp_path)
    return FakeFleet(tmp_path, HOSTS, NAMES)


def healthy(fleet: FakeFleet, facts: dict[str, Any], host: str = "edge1") -> None:
    """Let a host answer as a node that is managed and asks for its first certificate, with some facts."""
    csr = new_key("ecdsa-p256")[1].decode()
    certificate = {
        **{"changed": True, "renewed": True, "reason": "missing", "path": "/etc/orthanc/tls", "held": None},
        "diff": {"before": {}, "after": {}},
        "enrolment": {"csr": csr, "staged": "staged", "reason": "missing"},
    }
    fleet.answers(
        host, facts, stat={"stat": {"exists": True}}, certificate=certificate, node_look=without_identity("missing")
    )


def issued(fleet: FakeFleet) -> list[str]:
    """Return the names for which the CA has signed."""
    leaves = [x509.load_pem_x509_certificate(file.read_bytes()) for file in (fleet.ca / "issued").glob("*.pem")]
    return [f"CN={leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value!s}" for leaf in leaves]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fact cache that a run left when edge1 answered with facts."""
    folder = tmp_path_factory.mktemp("cached")
    fleet = FakeFleet(folder, HOSTS, NAMES)
    fleet.answers("edge1", {"ansible_facts": FACTS[OWN]}, stat={"stat": {"exists": True}})
    tasks = [{"name": "Look", "ansible.builtin.stat": {"path": "/"}}]
    (folder / "look.yml").write_text(yaml.safe_dump([{"hosts": "edge1", "gather_facts": False, "tasks": tasks}]))
    fleet.play(folder / "look.yml", **environment_of(folder / "cache"))
    return folder / "cache"


def environment_of(cache: Path) -> dict[str, str]:
    return {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(cache)}


def test_a_host_that_sends_no_facts_gets_its_own_name(fleet: FakeFleet) -> None:
    healthy(fleet, {})
    _status, output = fleet.play("site", "--limit", "edge1")
    assert issued(fleet) == ["CN=edge1.example.org"], output


@pytest.mark.parametrize("injected", ["True", "False"])
def test_facts_that_override_nothing_do_no_harm(fleet: FakeFleet, injected: str) -> None:
    harmless = {"ansible_local": {}, "ansible_fqdn": "elsewhere", "ansible_site_domain": "elsewhere", "services": {}}
    healthy(fleet, {})
    fleet.answers("edge1", **{**fleet.told("edge1"), "stat": {"stat": {"exists": True}, "ansible_facts": harmless}})
    fleet.play("site", "--limit", "edge1", ANSIBLE_INJECT_FACT_VARS=injected)
    assert issued(fleet) == ["CN=edge1.example.org"]


@pytest.mark.parametrize(
    ("playbook", "facts"),
    [*(("site", facts) for facts in FACTS.values()), *((playbook, FACTS[OWN]) for playbook in PLAYBOOKS[1:])],
)
def test_facts_in_answers_are_an_error_and_nothing_is_signed(
    fleet: FakeFleet, playbook: str, facts: dict[str, Any]
) -> None:
    healthy(fleet, {"ansible_facts": facts})
    status, output = fleet.play(playbook, "--limit", "edge1")
    assert status != 0
    assert f"edge1: the host sent the fact '{next(iter(facts))}'" in output.replace("\n", " ")
    assert fleet.written(["issued", "pinned"]) == []


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_facts_in_a_cache_are_an_error_and_nothing_is_signed(fleet: FakeFleet, playbook: str, cache: Path) -> None:
    healthy(fleet, {})
    status, output = fleet.play(playbook, "--limit", "edge1", **environment_of(cache))
    assert status != 0
    assert "edge1: the host sent the fact 'site_domain'" in output
    assert fleet.written(["issued", "pinned"]) == []


def test_facts_of_one_host_do_not_keep_another_from_its_certificate(fleet: FakeFleet) -> None:
    healthy(fleet, {}, "archive")
    healthy(fleet, {"ansible_facts": {"orthanc_fqdn": "archive.example.org"}})
    _status, output = fleet.play("site")
    assert "edge1: the host sent the fact 'orthanc_fqdn'" in output
    assert issued(fleet) == ["CN=archive.example.org"], output
    told = [line for line in output.splitlines() if "edge1: the host sent the fact" in line]
    assert told and not any("Nothing was changed" in line for line in told), "packages may have been installed by then"


def test_a_delegated_look_brings_no_facts_to_the_hosts_of_the_play(fleet: FakeFleet) -> None:
    healthy(fleet, {}, "archive")
    healthy(fleet, {"ansible_facts": {"identity_client_ca_certificates": ["of the attacker"], "harmless": 1}})
    playbook = fleet.folder / "look.yml"
    look: dict[str, Any] = {"name": "Look", "openimaging.orthanc.identity_info": {"port": 443, "server_name": "x"}}
    look |= {"delegate_to": "edge1", "run_once": True, "failed_when": False}
    show = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ ansible_facts | to_json }}"}}
    playbook.write_text(yaml.safe_dump([{"hosts": "archive", "gather_facts": False, "tasks": [look, show]}]))
    _status, output = fleet.play(playbook)
    assert fleet.asked("edge1") == ["identity_info"]
    assert "of the attacker" not in output and "harmless" not in output.split("TASK [Show]")[1]


def test_no_host_leaves_a_gate_by_a_fact_about_its_issuer(fleet: FakeFleet, tmp_path: Path) -> None:
    healthy(fleet, {"ansible_facts": {"orthanc_issuer": "selfsigned"}})
    tasks = [
        {"name": "Look", "ansible.builtin.stat": {"path": "/"}},
        {"name": "Show", "ansible.builtin.debug": {"msg": "{{ groups | openimaging.orthanc.ca_hosts(hostvars) }}"}},
    ]
    playbook = tmp_path / "gate.yml"
    playbook.write_text(yaml.safe_dump([{"hosts": "edge1", "gather_facts": False, "tasks": tasks}]))
    _status, output = fleet.play(playbook)
    assert re.findall(r'"(edge1|archive)"', output.split("TASK [Show]")[1]) == ["edge1", "archive"]


def tasks_of(file: Path) -> list[dict[str, Any]]:
    """Return every task of a file, those in blocks and plays included."""

    def flat(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        inner = ("tasks", "pre_tasks", "post_tasks", "block", "rescue", "always")
        return [task for entry in entries for task in [entry, *flat([t for k in inner for t in entry.get(k) or []])]]

    content = yaml.safe_load(file.read_text())
    return flat(content) if isinstance(content, list) else []


def test_what_tasks_register_and_set_begins_as_no_fact_may() -> None:
    """Facts outrank what is not registered yet, so a host could fill in for a task that was skipped."""
    files = [*ROOT.glob("playbooks/*.yml"), *ROOT.glob("playbooks/*/*.yml"), *ROOT.glob("roles/*/tasks/*.yml")]
    tasks = [task for file in files if not {"demo", "examples"} & {*file.parts} for task in tasks_of(file)]
    names = {task["register"] for task in tasks if "register" in task}
    names |= {name for task in tasks for name in task.get("ansible.builtin.set_fact", {})}
    assert len(names) > 20
    assert [name for name in sorted(names) if not name.startswith(OWN_PREFIXES)] == []


def test_facts_of_a_delegated_task_stay_with_the_host_that_sent_them() -> None:
    """Ansible's own modules take facts from any answer; without C(delegate_facts) they land on the delegating host."""
    files = [*ROOT.glob("playbooks/**/*.yml"), *ROOT.glob("roles/*/tasks/*.yml")]
    delegated = [
        task for file in files for task in tasks_of(file) if task.get("delegate_to", "localhost") != "localhost"
    ]
    assert len(delegated) >= 5
    builtin = [task for task in delegated if any(key.startswith("ansible.builtin.") for key in task)]
    assert all(task.get("delegate_facts") is True for task in builtin)


def test_every_module_has_an_action_plugin_that_takes_no_facts() -> None:
    routed = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["plugin_routing"]["modules"]
    modules = {file.stem for file in ROOT.glob("plugins/modules/*.py")}
    own = {file.stem for file in ROOT.glob("plugins/action/*.py")}
    assert modules == (own & modules) | routed.keys() and not own & routed.keys()
    assert set(map(str, routed.values())) == {"{'action_plugin': 'openimaging.orthanc.certificate_info'}"}


def test_the_passphrase_of_the_ca_is_in_no_output(fleet: FakeFleet) -> None:
    healthy(fleet, {"ansible_facts": {"orthanc_ca_passphrase": "another"}})
    assert PASSPHRASE not in fleet.play("site", "--limit", "edge1", "-vvv")[1]


def plays() -> list[dict[str, Any]]:
    files = [*ROOT.glob("playbooks/*.yml"), *ROOT.glob("playbooks/steps/*.yml")]
    return [play for file in files for play in yaml.safe_load(file.read_text()) if "hosts" in play]


def test_no_host_can_hold_up_a_run_for_ever() -> None:
    """A task ends after half an hour, which is longer than packages take to install."""
    on_nodes = [play for play in plays() if play.get("become")]
    assert len(on_nodes) > 10 and {play.get("timeout") for play in on_nodes} == {1800}
