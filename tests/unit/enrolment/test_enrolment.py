# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task's two halves together: each reason, what must never happen, and who is killed where."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, brought, made_folder, order
from cryptography import x509
from identities import Node, signing, snapshot

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.node_key import new_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.request import InspectRequest
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls import rehearsal
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import load_certificates, names_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.key_types import KEY_TYPES
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import Order

LIFETIME = timedelta(days=180)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A fresh node."""
    return Node(made_folder(tmp_path), tmp_path / "node" / "tls")


@pytest.fixture
def deployed(node: Node) -> Node:
    """A node that has its identity."""
    assert node.run()["changed"]
    return node


def leaf_of(node: Node) -> x509.Certificate:
    return load_certificates(node.file("cert.pem").read_bytes(), "cert.pem")[0]


def test_a_fresh_node_gets_what_the_design_says(node: Node) -> None:
    result = node.run()
    assert (result["changed"], result["renewed"], result["reason"]) == (True, True, "missing")
    assert result["generation"] == os.path.basename(node.current.resolve())
    assert result["path"] == str(node.path)
    key, cert = node.file("key.pem").read_text(), node.file("cert.pem").read_text()
    assert node.file("server.pem").read_text() == key + cert
    assert node.file("fullchain.pem").read_text() == cert
    trust = node.ca.trust_pem()
    assert node.file("client-trust.pem").read_bytes() == node.file("server-trust.pem").read_bytes() == trust
    assert names_of(leaf_of(node)) == ["DNS:node.example.org"]
    assert list((Path(node.ca.path) / "issued").iterdir())


def test_an_intermediate_stands_in_the_chain(tmp_path: Path) -> None:
    node = Node(made_folder(tmp_path, order(intermediate=True)), tmp_path / "tls")
    node.run()
    chain = node.file("chain.pem").read_text()
    assert load_certificates(chain.encode(), "chain.pem") == node.ca.active().chain
    assert node.file("server.pem").read_text().endswith(chain)
    assert not node.run()["changed"]


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_every_key_type_serves_and_stays(node: Node, key_type: str) -> None:
    assert node.run(key_type=key_type)["renewed"]
    assert not node.run(key_type=key_type)["changed"]


@pytest.mark.parametrize(
    "options",
    [
        {"common_name": None, "subject_alt_name": ["IP:2001:db8::1", "DNS:b.example.org"]},
        {"common_name": "192.0.2.7"},
        {"subject_alt_name": ["DNS:*.pacs.example.org"], "allow_wildcard": True},
        {"common_name": f"{'long.' * 15}example.org"},
        {"common_name": "bücher.example"},
        {"common_name": None, "subject_alt_name": ["email:jane@example.org", "URI:urn:x"]},
        {"extended_key_usage": ["serverAuth"]},
        {"extended_key_usage": ["clientAuth"]},
    ],
    ids=str,
)
def test_whatever_is_named_is_served_and_stays(node: Node, options: dict[str, Any]) -> None:
    assert node.run(**options)["renewed"]
    assert not node.run(**options)["changed"]


def test_a_second_run_changes_nothing_on_disk_and_needs_no_passphrase(deployed: Node) -> None:
    before = snapshot(deployed.path)
    deployed.passphrase = None
    result = deployed.run()
    assert (result["changed"], result["renewed"], result["reason"]) == (False, False, None)
    assert snapshot(deployed.path) == before


def test_a_run_with_nothing_to_do_loads_no_cryptography(deployed: Node, tmp_path: Path) -> None:
    order = deployed.order()
    asked = InspectRequest(order.accepted, "unused").to_arguments()
    request = {"step": "inspect", "spec": order.spec.to_arguments(), **asked}
    program = (
        "import json, sys\n"
        "from ansible_collections.openimaging.orthanc.plugins.modules.certificate import perform\n"
        "result = perform(json.loads(sys.argv[1]), check_mode=False)\n"
        "assert not result['changed'], result\n"
        "assert not {'cryptography', 'ssl'} & set(sys.modules)\n"
    )
    parameters = json.dumps({**deployed.parameters, "enrolment": request})
    subprocess.run([sys.executable, "-c", program, parameters], check=True)


def edit(name: str) -> Callable[[Node], None]:
    def damage(node: Node) -> None:
        node.file(name).write_text("damaged")

    return damage


def nothing(node: Node) -> None:
    """Only the task's options change."""


def open_key(node: Node) -> None:
    node.file("key.pem").chmod(0o644)


def next_ca(node: Node) -> None:
    brought(node.ca, "staged")
    brought(node.ca, "active")


RENEWALS: dict[str, tuple[str, Callable[[Node], None], dict[str, Any]]] = {
    "key edited": ("damaged", edit("key.pem"), {}),
    "certificate edited": ("damaged", edit("cert.pem"), {}),
    "manifest edited": ("damaged", edit("manifest.json"), {}),
    "key readable by others": ("damaged", open_key, {}),
    "name added": ("names_changed", nothing, {"subject_alt_name": ["DNS:b.example.org"]}),
    "usage removed": ("names_changed", nothing, {"extended_key_usage": ["clientAuth"]}),
    "key type": ("key_changed", nothing, {"key_type": "ecdsa-p384"}),
    "forced": ("forced", nothing, {"force": True}),
    "next CA": ("issuer_changed", next_ca, {}),
}


@pytest.mark.parametrize(("reason", "happens", "changes"), RENEWALS.values(), ids=RENEWALS)
def test_each_reason_renews_once(
    deployed: Node, reason: str, happens: Callable[[Node], None], changes: dict[str, Any]
) -> None:
    before, old = deployed.file("key.pem").read_bytes(), os.readlink(deployed.current)
    happens(deployed)
    result = deployed.run(**changes)
    assert (result["changed"], result["renewed"], result["reason"]) == (True, True, reason)
    assert deployed.file("key.pem").read_bytes() != before
    assert os.readlink(deployed.current) != old
    assert not deployed.run(**{**changes, "force": False})["changed"]


@pytest.mark.parametrize(
    ("age", "reason"),
    [
        (LIFETIME / 2, None),
        (LIFETIME * 2 / 3, "expiring"),
        (LIFETIME - timedelta(seconds=1), "expiring"),
        (LIFETIME, "expired"),
    ],
    ids=str,
)
def test_age_is_a_reason_by_the_nodes_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: timedelta, reason: str | None
) -> None:
    node = Node(made_folder(tmp_path, now=NOW - age), tmp_path / "tls")
    # OpenSSL goes by the real clock, and would not let an expired certificate go live.
    monkeypatch.setattr(rehearsal, "check_identity", lambda folder, **kwargs: None)
    node.run(now=NOW - age)
    monkeypatch.undo()
    assert node.run()["reason"] == reason
    assert not node.run()["changed"]


def test_changed_trust_keeps_key_and_leaf_and_needs_no_passphrase(deployed: Node, tmp_path: Path) -> None:
    other = another_ca(tmp_path / "other")
    before = {
        name: deployed.file(name).read_bytes() for name in ("key.pem", "cert.pem", "server.pem", "client-trust.pem")
    }
    old, deployed.passphrase = os.readlink(deployed.current), None
    result = deployed.run(server_ca_certificates=[other])
    assert (result["changed"], result["renewed"], result["reason"]) == (True, False, "trust_changed")
    assert {name: deployed.file(name).read_bytes() for name in before} == before
    assert deployed.file("server-trust.pem").read_text() == deployed.ca.trust_pem().decode() + other
    assert os.readlink(deployed.current) != old
    assert not deployed.run(server_ca_certificates=[other])["changed"]


def test_a_staged_ca_is_trusted_before_it_issues(deployed: Node) -> None:
    brought(deployed.ca, "staged")
    assert deployed.run()["reason"] == "trust_changed"
    assert len(load_certificates(deployed.file("client-trust.pem").read_bytes(), "")) == 2
    brought(deployed.ca, "active")
    assert deployed.run()["reason"] == "issuer_changed"
    brought(deployed.ca, "retired")
    assert deployed.run()["reason"] == "trust_changed"


def test_a_node_that_missed_a_rollover_is_no_stranger(deployed: Node) -> None:
    for state in ("staged", "active", "retired"):
        brought(deployed.ca, state)
    assert deployed.run()["reason"] == "issuer_changed"


def test_order_and_repetition_of_further_certificates_change_nothing(node: Node, tmp_path: Path) -> None:
    one, two = another_ca(tmp_path / "a"), another_ca(tmp_path / "b")
    assert node.run(client_ca_certificates=[one, two])["changed"]
    assert not node.run(client_ca_certificates=[two, one + two])["changed"]


def another_ca(folder: Path) -> str:
    folder.mkdir()
    return made_folder(folder).trust_pem().decode()


def stranger(node: Node, tmp_path: Path) -> Node:
    """The same node, seen from another CA folder."""
    (tmp_path / "other").mkdir()
    return Node(made_folder(tmp_path / "other"), node.path)


@pytest.mark.parametrize(
    "damaged", [[], ["key.pem"], ["manifest.json"], ["cert.pem"], ["manifest.json", "cert.pem"]], ids=str
)
@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "apply"])
def test_the_wrong_ca_folder_fails_before_anything_is_written(
    deployed: Node, tmp_path: Path, damaged: list[str], check_mode: bool
) -> None:
    for name in damaged:
        edit(name)(deployed)
    wrong, before = stranger(deployed, tmp_path), snapshot(deployed.path)
    with pytest.raises(OrthancTlsError, match=r"foreign issuer serialNumber=.*,CN=Test CA"):
        wrong.run(check_mode=check_mode, force=True)
    assert snapshot(deployed.path) == before


def test_where_no_issuer_can_be_learnt_the_node_is_damaged(deployed: Node, tmp_path: Path) -> None:
    for name in ("manifest.json", "cert.pem", "fullchain.pem", "server.pem"):
        edit(name)(deployed)
    assert stranger(deployed, tmp_path).run()["reason"] == "damaged"


def test_a_damaged_manifest_of_the_right_ca_is_mended(deployed: Node) -> None:
    edit("manifest.json")(deployed)
    assert deployed.run()["reason"] == "damaged"


def test_another_issuer_is_taken_when_that_is_allowed(deployed: Node, tmp_path: Path) -> None:
    other = stranger(deployed, tmp_path)
    assert other.run(allow_issuer_change=True)["reason"] == "issuer_changed"
    assert not other.run()["changed"]


@pytest.mark.parametrize("skew", [timedelta(hours=-2), timedelta(hours=2)], ids=["behind", "ahead"])
@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "apply"])
def test_clocks_too_far_apart_refuse_before_anything_is_written(node: Node, skew: timedelta, check_mode: bool) -> None:
    with pytest.raises(OrthancTlsError) as failure:
        node.inspect(node.order(), now=NOW + skew, clock=NOW, check_mode=check_mode)
    assert utc_text(NOW) in str(failure.value)
    assert utc_text(NOW + skew) in str(failure.value)
    assert not node.path.exists()


def test_a_wrong_clock_hinders_nothing_where_nothing_is_due(deployed: Node) -> None:
    assert not deployed.inspect(deployed.order(), clock=NOW - LIFETIME)["changed"]


@pytest.mark.parametrize(
    "changes", [{}, {"force": True}, {"client_ca_certificates": True}], ids=["fresh", "forced", "trust"]
)
def test_check_mode_tells_and_writes_nothing(node: Node, tmp_path: Path, changes: dict[str, Any]) -> None:
    if changes:
        node.run()
    if "client_ca_certificates" in changes:
        changes = {"client_ca_certificates": [another_ca(tmp_path / "a")]}
    before = snapshot(tmp_path)
    planned = node.run(check_mode=True, **changes)
    assert snapshot(tmp_path) == before
    done = node.run(**changes)
    known = ("changed", "renewed", "reason", "path", "trust_sha256")
    assert {name: planned[name] for name in known} == {name: done[name] for name in known}
    assert planned["generation"] is planned["not_after"] is planned["fingerprint_sha256"] is None


@pytest.mark.parametrize("ca", ["missing", "empty"])
def test_check_mode_needs_no_ca_no_group_and_no_cryptography(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ca: str
) -> None:
    (tmp_path / "empty").mkdir(0o700)
    order = node.order(check_mode=True, ca_path=str(tmp_path / ca), owner="nobody-yet", group="nor-this")
    monkeypatch.setitem(sys.modules, "cryptography", None)
    result = node.inspect(order, check_mode=True)
    assert (result["reason"], result["trust_sha256"], result["diff"]["before"]) == ("missing", None, {})


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"path": "tls"}, "path is 'tls', which is relative"),
        ({"keep": 0}, "keep is 0; at least 1 generation stays"),
        ({"lifetime": "soon"}, "lifetime is 'soon', which is no duration"),
        ({"renew_before": "180d"}, "renew_before is 180 days"),
        ({"common_name": "*.example.org"}, "is a wildcard"),
        ({"common_name": None}, "set common_name or subject_alt_name"),
        ({"client_ca_certificates": ["nothing"]}, "client_ca_certificates, entry 1, holds no certificate"),
        ({"ca_path": "/nowhere"}, "create the CA first"),
    ],
    ids=str,
)
def test_wrong_input_fails_before_the_node_is_reached(node: Node, options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(OrthancTlsError, match=re.escape(complaint)):
        node.order(**options)


def test_a_ca_that_ends_too_early_signs_nothing_and_check_mode_says_so(tmp_path: Path) -> None:
    node = Node(made_folder(tmp_path, order(lifetime=timedelta(days=90))), tmp_path / "tls")
    with pytest.raises(OrthancTlsError, match="before a new certificate would be due"):
        signing(node.order(check_mode=True)).rehearse(NOW)
    with pytest.raises(OrthancTlsError, match="before a new certificate would be due"):
        node.run()


def test_a_rehearsal_records_nothing_and_knows_the_dates(node: Node) -> None:
    before = snapshot(Path(node.ca.path))
    dates = signing(node.order()).rehearse(NOW)
    assert dates == {"not_before": utc_text(NOW - timedelta(hours=1)), "not_after": utc_text(NOW + LIFETIME)}
    assert snapshot(Path(node.ca.path)) == before


def test_a_missing_group_is_a_clear_error(node: Node) -> None:
    with pytest.raises(OrthancTlsError, match="There is no group 'orthanc-not-there' on this host"):
        node.run(group="orthanc-not-there")
    assert not node.path.exists()


def test_a_missing_openssl_is_met_before_anything_is_written(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(node.path))
    with pytest.raises(OrthancTlsError, match=r"has no program 'openssl', .*; install Debian's package openssl"):
        node.run()
    assert not node.path.exists()


def test_a_node_needs_no_cryptography(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    order = node.order()
    with monkeypatch.context() as bare:
        bare.setitem(sys.modules, "cryptography", None)
        answer = node.inspect(order)["enrolment"]
    signed = signing(order).sign(answer["csr"].encode(), NOW).to_arguments()
    monkeypatch.setitem(sys.modules, "cryptography", None)
    installed = node.step("install", order, staged=answer["staged"], reason=answer["reason"], **signed)
    assert installed["reason"] == "missing"


def test_a_diff_has_names_dates_fingerprints_and_no_key(deployed: Node) -> None:
    result = deployed.run(subject_alt_name=["DNS:b.example.org"])
    before, after = result["diff"]["before"], result["diff"]["after"]
    assert before["names"] == ["DNS:node.example.org"]
    assert after["names"] == ["DNS:b.example.org", "DNS:node.example.org"]
    assert after["fingerprint_sha256"] == result["fingerprint_sha256"] != before["fingerprint_sha256"]
    assert set(before) == set(after) >= {"not_before", "not_after", "key_type", "issuer"}
    assert result["diff"]["after_header"] == f"{deployed.path} (names_changed)"
    assert "PRIVATE" not in json.dumps(result)


def staged(node: Node, **changes: Any) -> tuple[Order, dict[str, Any]]:
    order = node.order(**changes)
    return order, node.inspect(order)["enrolment"]


def signed_for_another_key(node: Node, **changes: Any) -> dict[str, Any]:
    return signing(node.order(**changes)).sign(new_key("ecdsa-p256")[1], NOW).to_arguments()


def due_at_once(node: Node) -> dict[str, Any]:
    leaf: dict[str, Any] = signed_for_another_key(node)["leaf"]
    return {"leaf": {**leaf, "not_after": utc_text(NOW + timedelta(days=9))}}


WRONG_LEAVES: dict[str, tuple[Callable[[Node], dict[str, Any]], str]] = {
    "another key": (signed_for_another_key, "cannot use the new key and certificate: KEY_VALUES_MISMATCH"),
    "no certificate": (lambda node: {"cert": "nothing"}, "cannot use the new key and certificate"),
    "other names": (
        lambda node: {"leaf": signed_for_another_key(node, common_name="b.example.org")["leaf"]},
        r"not what the task asks for \(names_changed\): ecdsa-p256 for DNS:b\.example\.org until",
    ),
    "due at once": (due_at_once, r"not what the task asks for \(expiring\)"),
}


@pytest.mark.parametrize(("wrong", "complaint"), WRONG_LEAVES.values(), ids=WRONG_LEAVES)
def test_a_wrong_leaf_leaves_the_old_identity_live(
    deployed: Node, wrong: Callable[[Node], dict[str, Any]], complaint: str
) -> None:
    before = snapshot(deployed.path)
    order, answer = staged(deployed, force=True)
    with pytest.raises(OrthancTlsError, match=complaint):
        deployed.install(order, answer, **wrong(deployed))
    assert snapshot(deployed.path) == before


def test_openssl_refuses_a_chain_without_its_intermediate(tmp_path: Path) -> None:
    node = Node(made_folder(tmp_path, order(intermediate=True)), tmp_path / "tls")
    wanted, answer = staged(node)
    with pytest.raises(OrthancTlsError, match="refuses the new certificate: unable to get local issuer certificate"):
        node.install(wanted, answer, chain="")
    assert not node.current.exists()


def test_openssl_refuses_what_is_not_valid_yet(node: Node) -> None:
    wanted, answer = staged(node)
    with pytest.raises(OrthancTlsError, match="refuses the new certificate: certificate is not yet valid"):
        node.install(wanted, answer, now=NOW + timedelta(days=2))


def files_of(node: Node) -> rehearsal.IdentityFiles:
    return rehearsal.IdentityFiles(
        *(str(node.current / name) for name in ("server.pem", "client-trust.pem", "server-trust.pem"))
    )


def test_a_name_that_the_certificate_does_not_cover_is_found(deployed: Node) -> None:
    with pytest.raises(OrthancTlsError, match="Hostname mismatch"):
        rehearsal.check_identity(files_of(deployed), names=["DNS:other.example.org"], usages=["serverAuth"])


def test_a_withdrawn_key_leaves_nothing(deployed: Node) -> None:
    before = snapshot(deployed.path)
    order, answer = staged(deployed, force=True)
    assert snapshot(deployed.path) != before
    deployed.step("withdraw", order, staged=answer["staged"])
    assert snapshot(deployed.path) == before


def test_a_staged_key_that_is_gone_is_a_clear_error(deployed: Node) -> None:
    order, answer = staged(deployed, force=True)
    deployed.step("withdraw", order, staged=answer["staged"])
    with pytest.raises(OrthancTlsError, match="run the task again"):
        deployed.install(order, answer)


def test_a_key_of_another_type_than_asked_for_is_not_signed(node: Node) -> None:
    with pytest.raises(OrthancTlsError, match="sent a key of type ed25519, and ecdsa-p256 was asked for"):
        signing(node.order()).sign(new_key("ed25519")[1], NOW)


def test_two_runs_at_once_end_with_a_whole_identity(deployed: Node) -> None:
    one, two = staged(deployed, force=True), staged(deployed, force=True)
    deployed.install(*two)
    last = deployed.install(*one)
    assert os.readlink(deployed.current) == f"generations/{last['generation']}"
    assert not deployed.run()["changed"]
    assert not [name for name in deployed.generations() if name.startswith(".")]
