# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who objects to a node's going back, in each direction, on identities of real CAs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, brought, made_folder
from identities import Node

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.facts import generation_facts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.deny_list import Revoked
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollback_gate import (
    Pairs,
    objections,
    revoked_in,
)

HOSTS: dict[str, dict[str, Any]] = {
    "archive": {"orthanc_peers": ["edge"]},
    "edge": {},
    "viewer": {"orthanc_peers": ["archive"]},
    "other": {},
}


HOSPITAL = {"subject": "CN=edge", "issuer": "CN=Hospital", "fingerprint_sha256": "e"}


def pairs(host: str, **variables: dict[str, Any]) -> Pairs:
    hosts = {name: HOSTS[name] | variables.get(name, {}) for name in HOSTS}
    return Pairs.of(host, Fleet(hosts, {"orthanc": list(hosts)}), list(hosts))


def test_who_calls_whom_is_read_from_the_inventory() -> None:
    found = pairs("archive")
    assert (found.callers, found.callees, found.peers) == (["viewer"], ["edge"], ["viewer", "edge"])
    assert pairs("other").peers == []


@pytest.fixture
def ages(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """One identity of each phase of a rollover: old, with trust in both, of the new CA, without the old one."""
    ca = made_folder(tmp_path)
    found = {"old": facts(ca, tmp_path, "old")}
    brought(ca, "staged")
    found["both"] = facts(ca, tmp_path, "both")
    brought(ca, "active")
    found["new"] = facts(ca, tmp_path, "new")
    brought(ca, "retired")
    return found | {"dropped": facts(ca, tmp_path, "dropped")}


def facts(ca: AuthorityFolder, folder: Path, name: str) -> dict[str, Any]:
    node = Node(ca, folder / name)
    node.run()
    return generation_facts(str(node.path), NOW)


Ages = dict[str, dict[str, Any]]


@pytest.mark.parametrize(
    ("to", "peers"),
    [("old", "old"), ("old", "both"), ("both", "both"), ("both", "new"), ("new", "new"), ("new", "dropped")],
)
def test_a_phase_back_is_as_good_as_the_rollover_was(ages: Ages, to: str, peers: str) -> None:
    looks = {"edge": ages[peers], "viewer": ages[peers]}
    assert objections(pairs("archive"), ages[to], looks, []) == []


@pytest.mark.parametrize(
    ("to", "edge", "viewer", "says"),
    [
        (
            "old",
            "both",
            "new",
            lambda root: f"archive would refuse viewer as a client, as it would not trust its CA {root['new']}",
        ),
        ("old", "new", "both", lambda root: f"archive, which calls edge, would not trust its CA {root['new']}"),
        ("both", "new", "dropped", lambda root: f"viewer, which calls archive, would not trust its CA {root['old']}"),
        (
            "both",
            "dropped",
            "new",
            lambda root: f"edge would refuse archive as a client, as it would not trust its CA {root['old']}",
        ),
    ],
    ids=["caller refused", "callee not trusted", "not trusted by a caller", "refused by a callee"],
)
def test_each_direction_objects_for_itself(
    ages: Ages, to: str, edge: str, viewer: str, says: Callable[[dict[str, str]], str]
) -> None:
    root = {age: ages[age]["certificates"][-1]["issuer"] for age in ages}
    assert objections(pairs("archive"), ages[to], {"edge": ages[edge], "viewer": ages[viewer]}, []) == [says(root)]


def test_who_asks_for_no_client_certificate_does_not_object_to_one(ages: Ages) -> None:
    users = {"orthanc_config": {"RegisteredUsers": {"a": "b"}}, "frontend_client_auth": "none"}
    found = objections(pairs("archive", edge=users), ages["both"], {"edge": ages["dropped"], "viewer": ages["new"]}, [])
    assert found == []


def test_a_peer_that_nobody_could_look_at_does_not_object(ages: Ages) -> None:
    assert objections(pairs("archive"), ages["old"], {"edge": None}, []) == []


def retired_of(ages: Ages) -> dict[str, Any]:
    """Return the CA that the rollover has retired: it signed the old identity, and the new one does not trust it."""
    kept = {facts["fingerprint_sha256"] for facts in ages["dropped"]["client_trust"]}
    root: dict[str, Any]
    (root,) = [facts for facts in ages["both"]["client_trust"] if facts["fingerprint_sha256"] not in kept]
    return root


def test_a_retired_ca_is_an_objection_without_any_peer(ages: Ages) -> None:
    root = retired_of(ages)
    (found,) = objections(pairs("other"), ages["old"], {}, [root])
    assert found == f"its CA {root['subject']} was retired, and every node that was converged since refuses it"
    assert objections(pairs("other"), ages["dropped"], {}, [root]) == []


@pytest.mark.parametrize("bundle", ["client_trust", "server_trust"])
def test_no_rollback_trusts_a_retired_ca_again_in_either_direction(ages: Ages, bundle: str) -> None:
    root = retired_of(ages)
    one_way = {**ages["dropped"], bundle: ages["new"][bundle]}
    assert objections(pairs("other"), one_way, {}, [root]) == [
        f"it would trust the CA {root['subject']} again, which was retired"
    ]


def test_another_ca_of_the_same_name_is_not_taken_for_the_one_that_is_trusted(ages: Ages) -> None:
    of_that_name = [{**facts, "subject_key_identifier": "of another key"} for facts in ages["old"]["server_trust"]]
    viewer = {**ages["old"], "server_trust": of_that_name}
    (found,) = objections(pairs("archive"), ages["old"], {"viewer": viewer}, [])
    assert found.startswith("viewer, which calls archive, would not trust its CA ")


def test_a_certificate_of_another_issuer_has_to_be_trusted_in_the_place_of_the_servers_identity(ages: Ages) -> None:
    own = {
        "orthanc_tls_mode": "builtin",
        "orthanc_server_certificate": {"path": "/s.pem", "ca_certificates": "-----BEGIN CERTIFICATE-----"},
    }
    looks = {"edge": {**ages["new"], "served": [HOSPITAL]}, "viewer": ages["new"]}
    (found,) = objections(pairs("archive", edge=own), ages["new"], looks, [])
    assert found == "archive, which calls edge, would not trust its CA CN=Hospital"
    trusting = {**ages["new"], "server_trust": [*ages["new"]["server_trust"], {"subject": "CN=Hospital"}]}
    assert objections(pairs("archive", edge=own), trusting, looks, []) == []


def test_what_a_node_serves_otherwise_stays_when_its_identity_goes_back(ages: Ages) -> None:
    own = {
        "orthanc_tls_mode": "builtin",
        "orthanc_server_certificate": {"path": "/s.pem", "ca_certificates": "-----BEGIN CERTIFICATE-----"},
    }
    looks = {"viewer": ages["dropped"], "archive": {**ages["new"], "served": [HOSPITAL]}}
    (found,) = objections(pairs("archive", archive=own), ages["both"], looks, [])
    assert found == "archive itself would not trust what it serves, which is of CN=Hospital"
    trusting = {**ages["both"], "server_trust": [*ages["both"]["server_trust"], {"subject": "CN=Hospital"}]}
    assert objections(pairs("archive", archive=own), trusting, looks, []) == []


def test_what_signed_for_itself_is_told_by_its_fingerprint() -> None:
    def alone(name: str, number: str, *trusted: str) -> dict[str, Any]:
        own = {"subject": f"CN={name}", "issuer": f"CN={name}", "fingerprint_sha256": number}
        trust = [{"subject": "CN=archive", "fingerprint_sha256": known} for known in trusted]
        return {"certificates": [own], "client_trust": trust, "server_trust": trust}

    edge, viewer = alone("edge", "e", "1"), alone("viewer", "v", "1")
    looks = {"edge": edge, "viewer": viewer}
    assert objections(pairs("archive"), alone("archive", "1", "e", "v"), looks, []) == []
    found = objections(pairs("archive"), alone("archive", "0", "e", "v"), looks, [])
    assert found == [
        "viewer, which calls archive, would not trust its CA CN=archive",
        "edge would refuse archive as a client, as it would not trust its CA CN=archive",
    ]


def revoked_of(facts: dict[str, Any]) -> Revoked:
    words = {"issuer": "CN=x", "holder": "", "subject": "", "not_after": "", "revoked_at": "2026-11-24T11:00:00Z"}
    return Revoked(serial="01", fingerprint_sha256=facts["fingerprint_sha256"], reason="stolen", **words)


def test_no_node_goes_back_to_a_certificate_that_was_revoked(ages: Ages) -> None:
    leaf = ages["old"]["certificates"][0]
    assert revoked_in(ages["old"], [revoked_of(leaf)]) == [
        "its certificate was revoked on 2026-11-24T11:00:00Z (stolen)"
    ]
    assert revoked_in(ages["old"], [revoked_of(ages["new"]["certificates"][0])]) == []


def test_no_node_goes_back_to_trust_in_a_certificate_that_was_revoked(ages: Ages) -> None:
    pinned = {"subject": "CN=laptop", "fingerprint_sha256": "ab"}
    identity = {**ages["old"], "client_trust": [*ages["old"]["client_trust"], pinned]}
    (objection,) = revoked_in(identity, [revoked_of(pinned)])
    assert objection == "it would trust CN=laptop again, which was revoked on 2026-11-24T11:00:00Z"
    assert revoked_in(identity, []) == []
