# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that sign for themselves: who trusts whom, and how a renewal shuts nobody out wherever it is interrupted."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW
from identities import snapshot
from pinned_nodes import DUE, PAST, Pinned, can_talk, made_pair

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    load_certificates,
    names_of,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.pinned_trust import (
    PinnedTrust,
    pinned_trust,
    unaware,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.pinned import PinnedFolder


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Pinned, Pinned]:
    return made_pair(tmp_path)


def test_a_node_trusts_itself_its_peers_and_those_that_list_it() -> None:
    issuer = {"orthanc_issuer": "selfsigned"}
    hosts: dict[str, dict[str, Any]] = {
        "a": {**issuer, "orthanc_peers": ["b"]},
        "b": {**issuer, "orthanc_peers": ["c"]},
        "c": issuer,
    }
    fleet = Fleet(hosts, {"orthanc": list(hosts)})
    trust = pinned_trust(fleet, "b")
    assert (trust.clients, trust.servers, trust.hosts) == (("b", "a"), ("b", "c"), ("b", "a", "c"))
    assert pinned_trust(fleet, "c").servers == ("c",)


def test_whoever_would_refuse_a_new_certificate_is_named() -> None:
    trust = PinnedTrust(clients=("b", "a"), servers=("b", "c"))
    new, old = [{"fingerprint_sha256": "new"}], [{"fingerprint_sha256": "old"}]
    knows = looked(client_trust=new, server_trust=old)
    assert unaware({"c": knows}, "new", trust) == [], "c is called by b, and needs to know its client"
    told = [{"host": "a", "why": "does not trust it yet", "may_be_told": True}]
    assert unaware({"a": knows}, "new", trust) == told, "a calls b, and needs to know its server"
    assert unaware({"a": looked(client_trust=old, server_trust=new)}, "new", trust) == []


@pytest.mark.parametrize(
    ("look", "why"),
    [
        ({"unreachable": True, "msg": "no route"}, "cannot be looked at (no route)"),
        ({"identity": None, "fault": "no folder", "not_loaded": None}, "cannot be looked at (no folder)"),
        ({"not_loaded": "nginx.service has not loaded g1 (changed)"}, "nginx.service has not loaded g1 (changed)"),
        ({"held": {"generation": "g1"}}, "is held at g1"),
    ],
)
def test_whoever_lacks_more_than_trust_is_not_told(look: dict[str, Any], why: str) -> None:
    identity: dict[str, Any] = {
        "client_trust": [],
        "server_trust": [],
        "held": look.get("held"),
        "generation": {"name": "g1"},
    }
    whole = look if "msg" in look else {"identity": identity, "not_loaded": None, **look}
    found = unaware({"a": whole}, "new", PinnedTrust(clients=("b", "a"), servers=("b",)))
    assert found == [{"host": "a", "why": why, "may_be_told": False}]


def looked(**trust: Any) -> dict[str, Any]:
    """What C(identity_info) says of a host where all is well."""
    return {"identity": {**trust, "held": None, "generation": {"name": "g1"}}, "not_loaded": None}


def test_a_pair_without_a_common_issuer_is_refused() -> None:
    hosts: dict[str, dict[str, Any]] = {"a": {"orthanc_issuer": "selfsigned", "orthanc_peers": ["b"]}, "b": {}}
    for host, other in (("a", "b"), ("b", "a")):
        with pytest.raises(OrthancTlsError, match=f"{host}: orthanc_issuer is .* on its peer '{other}' it is"):
            pinned_trust(Fleet(hosts, {"orthanc": list(hosts)}), host)


def test_a_fresh_node_is_known_and_serves_at_once(tmp_path: Path) -> None:
    node = Pinned("a", tmp_path)
    result = node.run()
    assert (result["changed"], result["renewed"], result["reason"]) == (True, True, "missing")
    (leaf,) = load_certificates((node.path / "current" / "cert.pem").read_bytes(), "cert.pem")
    assert leaf.subject == leaf.issuer and names_of(leaf) == ["DNS:a.example.org"]
    assert node.known_by == node.accepts == {node.live}
    assert not node.run()["changed"]


def test_a_second_run_of_a_pair_changes_nothing_on_disk(pair: tuple[Pinned, Pinned]) -> None:
    before = snapshot(pair[0].folder)
    assert not any(node.run()["changed"] or node.run(activate=True)["changed"] for node in pair)
    assert snapshot(pair[0].folder) == before
    assert can_talk(*pair)


def test_check_mode_says_what_would_be_done_and_writes_nothing(tmp_path: Path, pair: tuple[Pinned, Pinned]) -> None:
    before = snapshot(tmp_path)
    assert Pinned("c", tmp_path).run(check_mode=True)["reason"] == "missing"
    assert pair[0].run(now=DUE, check_mode=True)["reason"] == "expiring"
    assert not pair[1].run(check_mode=True)["changed"]
    assert snapshot(tmp_path) == before


def test_a_renewal_waits_is_made_known_goes_live_and_the_old_one_is_dropped(pair: tuple[Pinned, Pinned]) -> None:
    a, b = pair
    old = a.live
    prepared = a.run(now=DUE)
    assert (prepared["changed"], prepared["reason"], prepared["fingerprint_sha256"]) == (True, "expiring", old)
    new = prepared["waiting_sha256"]
    assert a.live == old and a.known_by == {old, new} and can_talk(a, b)
    assert not {old, new} <= b.accepts

    assert b.run()["reason"] == "trust_changed"
    assert a.run(now=DUE)["reason"] == "trust_changed"
    assert {old, new} <= b.accepts and {old, new} <= a.accepts and can_talk(a, b)
    assert not a.run(now=DUE)["changed"], "it waits until it may be activated"

    live = a.run(now=DUE, activate=True)
    assert (live["reason"], live["fingerprint_sha256"], live["waiting_sha256"]) == ("expiring", new, None)
    assert a.live == new and a.known_by == {old, new} and can_talk(a, b)

    assert not a.run(now=DUE)["changed"], "the next run begins with what it is known by"
    assert [node.run(now=now)["reason"] for node, now in ((a, DUE), (b, PAST))] == ["trust_changed"] * 2
    assert a.known_by == {new} and old not in b.accepts and can_talk(a, b)


@pytest.mark.parametrize("killed_after", range(7))
def test_wherever_a_renewal_ends_the_pair_talks_and_the_next_run_completes_it(
    pair: tuple[Pinned, Pinned], killed_after: int
) -> None:
    a, b = pair
    old = a.live
    steps = [(a, False), (a, False), (b, False), (a, True), (a, False), (a, False), (b, False)]
    for node, activate in steps[:killed_after]:
        node.run(now=DUE if node is a else PAST, activate=activate)
        assert can_talk(a, b)
    for node, activate in steps:
        node.run(now=DUE if node is a else PAST, activate=activate)
        assert can_talk(a, b)
    assert a.live != old and old not in b.accepts
    assert not a.run(now=DUE)["changed"]


def test_a_forced_renewal_waits_too_and_is_not_prepared_twice(pair: tuple[Pinned, Pinned]) -> None:
    a, _b = pair
    assert a.run(force=True)["reason"] == "forced"
    waiting = a.run()["waiting_sha256"]
    assert waiting and a.run(force=True)["waiting_sha256"] == waiting
    assert a.run(activate=True)["fingerprint_sha256"] == waiting


@pytest.mark.parametrize("reason", ["damaged", "expired"])
def test_what_nobody_accepts_is_replaced_at_once(pair: tuple[Pinned, Pinned], reason: str) -> None:
    a, _b = pair
    if reason == "damaged":
        (a.path / "current" / "key.pem").write_text("damaged")
    else:
        a.run(now=DUE - timedelta(minutes=30), lifetime="1h", force=True, activate=True)
    result = a.run(now=DUE + timedelta(hours=reason == "expired"))
    assert (result["reason"], result["waiting_sha256"]) == (reason, None)
    assert a.live == result["fingerprint_sha256"]


def test_what_waits_and_is_not_wanted_any_more_is_prepared_anew(pair: tuple[Pinned, Pinned]) -> None:
    a, _b = pair
    first = a.run(now=DUE)["waiting_sha256"]
    second = a.run(now=DUE, subject_alt_name=["DNS:other.example.org"])
    assert second["reason"] == "names_changed" and second["waiting_sha256"] not in (None, first)


def test_what_waits_is_never_pruned(pair: tuple[Pinned, Pinned]) -> None:
    a, _b = pair
    waiting = a.run(now=DUE, keep=1)["waiting_sha256"]
    for number in range(3):
        a.run(
            now=DUE, keep=1, client_ca_certificates=[Pinned(f"x{number}", a.folder).run()["enrolment"]["known_by"][0]]
        )
    assert a.run(now=DUE, keep=1)["waiting_sha256"] == waiting


def test_a_node_that_is_held_stays_as_it_is_and_known_by_what_it_has(pair: tuple[Pinned, Pinned]) -> None:
    a, _b = pair
    a.run(now=DUE)
    before, known = snapshot(a.path), a.known_by
    (a.path / "held.json").write_text(
        json.dumps({"generation": "x", "since": utc_text(NOW), "why": "somebody went back"})
    )
    held = a.run(now=DUE, activate=True, force=True)
    assert held["held"] and not held["changed"]
    assert a.known_by == known and snapshot(a.path).items() >= before.items()


def test_a_certificate_of_a_ca_is_not_replaced_unawares(tmp_path: Path) -> None:
    from authorities import made_folder
    from identities import Node

    issued = Node(made_folder(tmp_path), tmp_path / "a")
    issued.run()
    before = snapshot(tmp_path / "a")
    node = Pinned("a", tmp_path)
    with pytest.raises(KeyError, match="known_by"):
        node.run()
    assert snapshot(tmp_path / "a") == before


@pytest.mark.parametrize("names", [{}, {"common_name": f"{'long.' * 15}example.org"}], ids=["short", "long"])
def test_openssl_tells_the_old_from_the_new_while_both_are_trusted(tmp_path: Path, names: dict[str, str]) -> None:
    node = Pinned("a", tmp_path, options=names)
    node.run()
    old = (node.path / "current" / "cert.pem").read_bytes()
    node.run(force=True)
    node.run(activate=True)
    new = (node.path / "current" / "cert.pem").read_bytes()
    stranger = Pinned("s", tmp_path, options={"common_name": "a.example.org", **names})
    stranger.run()
    for bundle in (old + new, new + old):
        (tmp_path / "trust.pem").write_bytes(bundle)
        for cert, status in ((old, 0), (new, 0), ((stranger.path / "current" / "cert.pem").read_bytes(), 2)):
            (tmp_path / "cert.pem").write_bytes(cert)
            command = ["openssl", "verify", "-purpose", "sslclient", "-CAfile", str(tmp_path / "trust.pem")]
            done = subprocess.run([*command, str(tmp_path / "cert.pem")], capture_output=True, check=False)
            assert done.returncode == status, done.stderr


def test_a_relative_ca_path_is_refused() -> None:
    with pytest.raises(OrthancTlsError, match="which is relative"):
        PinnedFolder("ca")


def test_a_peer_keeps_its_trust_where_there_is_no_telling_by_what_a_node_is_known(pair: tuple[Pinned, Pinned]) -> None:
    a, b = pair
    file = a.folder / "ca" / "pinned" / "a.pem"
    file.write_text("nothing")
    assert not b.run()["changed"] and can_talk(a, b)
    assert b.run(force=True)["reason"] == "forced"
    b.run(activate=True)
    assert a.live in b.accepts, "a renewal keeps it too"
    a.run()
    assert a.known_by == {a.live}


def test_a_damaged_certificate_is_not_published(pair: tuple[Pinned, Pinned]) -> None:
    a, _b = pair
    certificate = a.path / "current" / "cert.pem"
    certificate.write_text(certificate.read_text().replace("M", "N", 3))
    assert a.run()["reason"] == "damaged"
    assert a.known_by == {a.live}
