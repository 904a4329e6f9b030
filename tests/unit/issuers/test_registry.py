# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An issuer is a row in the registry and one way to order: with that the task gives a node its identity."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from authorities import PASSPHRASE, brought, made_folder
from cryptography import x509
from identities import snapshot
from issuers_tasks import HOST, NAME, NodeHost
from made_certificates import made
from own_issuers import House, Stamps, registered

from ansible_collections.openimaging.orthanc.plugins.filter.fleet import ca_hosts
from ansible_collections.openimaging.orthanc.plugins.filter.fleet import fleet as fleet_view
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.node_key import new_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import SigningOnNode
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.ordering import ORDERINGS, ordered_from
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.registry import ISSUERS


@pytest.fixture
def host(tmp_path: Path) -> NodeHost:
    return NodeHost(tmp_path)


@pytest.fixture
def issuers(monkeypatch: pytest.MonkeyPatch) -> tuple[House, Stamps]:
    return registered(monkeypatch)


@pytest.mark.parametrize(
    ("issuer", "signing", "quiet"),
    [("house", ["inspect", "install"], ["inspect"]), ("stamp", ["inspect"], ["inspect"])],
    ids=["signs on the control node", "signs on the node"],
)
@pytest.mark.usefixtures("issuers")
def test_an_issuer_of_one_s_own_takes_an_identity_through_its_life(
    host: NodeHost, issuer: str, signing: list[str], quiet: list[str]
) -> None:
    planned = host.task(issuer, check_mode=True)
    assert (planned["changed"], planned["reason"], planned["steps"]) == (True, "missing", quiet)
    assert not host.tls.exists()

    made = host.task(issuer)
    assert (made["changed"], made["renewed"], made["reason"], made["steps"]) == (True, True, "missing", signing)
    first, before = host.leaf(), snapshot(host.tls)

    again = host.task(issuer)
    assert (again["changed"], again["reason"], again["steps"]) == (False, None, quiet)
    planned = host.task(issuer, check_mode=True, force=True)
    assert (planned["changed"], planned["reason"], planned["steps"]) == (True, "forced", quiet)
    assert snapshot(host.tls) == before

    forced = host.task(issuer, force=True)
    assert (forced["renewed"], forced["reason"], forced["steps"]) == (True, "forced", signing)
    assert host.leaf() != first
    assert len(list((host.tls / "generations").iterdir())) == 2

    renamed = host.task(issuer, subject_alt_name=["DNS:pacs.example.org"])
    assert renamed["reason"] == "names_changed"
    assert renamed["diff"]["after"]["names"] == [f"DNS:{NAME}", "DNS:pacs.example.org"]
    assert not (host.folder / "ca").exists(), "no other issuer's folder is needed"
    assert not [sent for sent in host.sent if issuer in json.dumps(sent)], "a node is never told an issuer's name"


@pytest.mark.parametrize("step", ["inspect", "install"])
def test_a_rollovers_step_that_is_taken_meanwhile_is_not_taken_back(host: NodeHost, step: str) -> None:
    ca = made_folder(host.folder)
    host.task("local", ca_passphrase=PASSPHRASE)
    host.meanwhile[step] = lambda: brought(ca, "staged")
    result = host.task("local", ca_passphrase=PASSPHRASE, force=True)
    assert (result["changed"], result["renewed"], result["reason"]) == (True, True, "forced")
    assert result["steps"] == ["inspect", "install", "inspect"], "it is signed for once"
    trusted = x509.load_pem_x509_certificates((host.tls / "current" / "client-trust.pem").read_bytes())
    assert trusted == [authority.root for authority in ca.authorities()] and len(trusted) == 2
    assert result["diff"]["after"] != result["diff"]["before"]
    assert host.task("local", ca_passphrase=PASSPHRASE)["changed"] is False


def test_what_is_signed_here_is_the_house_s_and_dates_are_shown_before(
    host: NodeHost, issuers: tuple[House, Stamps]
) -> None:
    house, _stamps = issuers
    planned = host.task("house", check_mode=True)
    assert planned["diff"]["after"]["not_after"] and not house.issued
    host.task("house")
    assert house.issued == [host.leaf()]
    assert host.leaf().issuer == house.root.certificate.subject


def test_what_the_node_signed_is_published_once_it_is_there(host: NodeHost, issuers: tuple[House, Stamps]) -> None:
    _house, stamps = issuers
    planned = host.task("stamp", check_mode=True)
    assert not stamps.known and planned["warnings"] == ["Stamps are for tests."]
    host.task("stamp")
    assert stamps.known == {HOST: [(host.tls / "current" / "cert.pem").read_text()]}


@pytest.mark.parametrize(("first", "second"), [("house", "stamp"), ("stamp", "house")])
@pytest.mark.usefixtures("issuers")
def test_the_certificate_of_another_issuer_is_replaced_only_where_that_is_asked_for(
    host: NodeHost, first: str, second: str
) -> None:
    host.task(first)
    before = snapshot(host.tls)
    for check_mode in (True, False):
        refused = host.task(second, check_mode=check_mode)
        assert refused["failed"] and refused["steps"] == ["inspect"]
        assert refused["msg"].startswith(f"{HOST}: ")
        assert refused["msg"].endswith({"house": "is not the house.", "stamp": "is no stamp of its own."}[second])
        assert snapshot(host.tls) == before
    replaced = host.task(second, allow_issuer_change=True)
    assert (replaced["changed"], replaced["reason"]) == (True, "issuer_changed")
    assert not host.task(second)["changed"]


@pytest.mark.usefixtures("issuers")
def test_the_ca_folder_knows_no_other_issuer_s_certificate(host: NodeHost) -> None:
    made_folder(host.folder)
    host.task("house")
    refused = host.task("local")
    assert refused["failed"] and "which the CA folder" in refused["msg"]


def test_where_nothing_is_signed_no_key_is_left(host: NodeHost, issuers: tuple[House, Stamps]) -> None:
    issuers[0].refuses = True
    failed = host.task("house")
    assert failed["failed"] and failed["msg"] == "The house signs nothing today."
    assert failed["steps"] == ["inspect", "withdraw"]
    assert not list(host.tls.rglob("key.pem"))


def test_a_node_that_was_told_to_sign_for_itself_gets_no_signature(
    host: NodeHost, issuers: tuple[House, Stamps]
) -> None:
    house, stamps = issuers
    csr = new_key("ecdsa-p256")[1].decode()
    for issuer in ("stamp", "selfsigned"):
        host.answers = {"csr": csr, "staged": "x", "reason": "missing", "known_by": ["x"]}
        refused = host.task(issuer)
        assert refused["failed"] and refused["steps"] == ["inspect"]
        assert refused["msg"].startswith(f"{HOST}: the node sent a signing request, and was told to sign for itself")
    assert not house.issued and not stamps.known


def test_what_a_node_publishes_unasked_is_kept_nowhere(host: NodeHost, issuers: tuple[House, Stamps]) -> None:
    host.answers = {"known_by": ["x"]}
    assert not host.task("house")["changed"]
    assert not issuers[1].known and not (host.folder / "ca").exists()


@pytest.mark.usefixtures("issuers")
def test_the_fleet_knows_an_issuer_by_its_row() -> None:
    hosts = {"a": {"orthanc_issuer": "house"}, "b": {"orthanc_issuer": "stamp"}, "c": {}}
    groups = {"orthanc": list(hosts)}
    views = [fleet_view(host, hosts, groups) for host in hosts]
    assert [view["issuer"] for view in views] == ["house", "stamp", "local"]
    assert [view["has_ca_folder"] for view in views] == [False, False, True]
    assert ca_hosts(groups, hosts) == ["c"]


@pytest.mark.parametrize("name", ["nonsense", "", "Local", ["local"]], ids=str)
def test_an_issuer_that_does_not_exist_is_refused_with_those_that_do(host: NodeHost, name: Any) -> None:
    refused = host.task(name)
    assert (
        refused["msg"]
        == f"{HOST}: issuer (identity_issuer) is '{name}'; it must be one of: local, command, offline, selfsigned."
    )
    assert refused["failed"] and refused["steps"] == []
    with pytest.raises(OrthancTlsError) as error:
        Fleet({"a": {"orthanc_issuer": name}}, {"orthanc": ["a"]}).node("a")
    assert str(error.value) == f"a: orthanc_issuer is '{name}'; it must be one of: local, command, offline, selfsigned."


@pytest.mark.parametrize("name", ISSUERS)
def test_every_issuer_takes_orders_and_signs_where_its_row_says(tmp_path: Path, name: str) -> None:
    options = {name: option.get("default") for name, option in ARGUMENT_SPEC.items()}
    options |= {"path": "/etc/orthanc/tls", "ca_path": str(tmp_path / "ca"), "common_name": NAME}
    options |= {
        "issuer_command": ["issue"],
        "issuer_folder": "/x",
        "issuer_ca_certificates": [made("Root", ca=True).cert_pem.decode()],
    }
    order = ordered_from(ISSUERS[name], options, HOST, check_mode=True)
    assert isinstance(order.signing, SigningOnNode) == ISSUERS[name].signs_on_node


def test_both_tables_have_the_same_rows() -> None:
    assert list(ISSUERS) == list(ORDERINGS) == [issuer.name for issuer in ISSUERS.values()]


def test_the_view_of_the_fleet_loads_no_cryptography() -> None:
    """Each of Ansible's workers loads it anew for each task."""
    program = f"import sys, {fleet_view.__module__}; assert 'cryptography.x509' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
