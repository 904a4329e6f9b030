# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A missing or wrong CA folder is told by what nodes hold, and gives no all-clear."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, PASSPHRASE, brought, made_folder, order
from identities import Node
from pinned_nodes import PAST, Pinned

from ansible_collections.openimaging.orthanc.plugins.filter.ca import ca_in_use, unknown_issuer
from ansible_collections.openimaging.orthanc.plugins.filter.rollback import rollback_objections
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.facts import generation_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.identity import unseen
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.info import authority_info
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.states import (
    StateRequest,
    missing_step,
    reach,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover import plan

HOSTS = ["archive", "edge1"]


@pytest.fixture
def ca(tmp_path: Path) -> AuthorityFolder:
    return made_folder(tmp_path)


@pytest.fixture
def other(tmp_path: Path) -> AuthorityFolder:
    (tmp_path / "other").mkdir()
    return made_folder(tmp_path / "other", order(intermediate=True))


def identity(ca: AuthorityFolder) -> dict[str, Any]:
    node = Node(ca, Path(ca.path).parent / "tls")
    node.run()
    return generation_facts(str(node.path), NOW)


def look(identity: dict[str, Any] | None, *, present: bool = True) -> dict[str, Any]:
    return {"changed": False, "present": present, "identity": identity, "fault": None, "not_loaded": None}


def authorities(ca: AuthorityFolder) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = authority_info(ca.path, NOW)["authorities"]
    return found


def planned(ca: AuthorityFolder, looks: dict[str, Any], **options: Any) -> dict[str, Any]:
    info = authority_info(ca.path, NOW)
    return asdict(plan(info["authorities"], info["clients"], {host: looks.get(host) for host in HOSTS}, **options))


def test_a_node_with_a_certificate_of_a_ca_is_told_also_outside_the_run(ca: AuthorityFolder) -> None:
    mine = look(identity(ca))
    said = [f"edge1 (issued by {ca.active().subject!r})"]
    assert ca_in_use(HOSTS, {"archive": look(None, present=False), "edge1": mine}) == said
    assert ca_in_use(HOSTS, {"archive": look(None, present=False)}, [{"item": "edge1", **mine}]) == said
    assert ca_in_use(["archive"], {"archive": look(None, present=False), "edge1": mine}) == []


def test_a_node_that_is_down_fresh_or_signed_for_itself_keeps_no_ca_from_being_created(tmp_path: Path) -> None:
    node = Pinned("a", tmp_path)
    node.run(now=PAST)
    signed = look(generation_facts(str(node.path), NOW))
    down = {"item": "edge1", "unreachable": True, "msg": "no route"}
    failed = {"item": "edge1", "failed": True, "msg": "no Python"}
    assert ca_in_use(HOSTS, {"archive": signed}, [down]) == []
    assert ca_in_use(HOSTS, {"archive": look(None, present=False)}, [failed]) == []
    assert ca_in_use(HOSTS, {"archive": unseen(str(tmp_path / "nowhere"), "no cryptography")}) == []


def test_an_identity_that_cannot_be_read_counts(ca: AuthorityFolder) -> None:
    identity(ca)
    seen = unseen(os.path.join(os.path.dirname(ca.path), "tls"), "no cryptography")
    assert (seen["present"], seen["identity"], seen["fault"]) == (True, None, "no cryptography")
    assert ca_in_use(HOSTS, {"archive": seen}) == ["archive (which cannot be read)"]


def test_what_a_node_says_is_escaped_and_cut(ca: AuthorityFolder) -> None:
    hostile = {"certificates": [{"subject": "CN=x", "issuer": "CN=\x1b[2J" + "y" * 100_000}]}
    (said,) = ca_in_use(HOSTS, {"archive": look(hostile)})
    assert "\x1b" not in said and len(said) < 300
    assert "\x1b" not in unknown_issuer(hostile, authorities(ca))


def request(in_use: list[str]) -> StateRequest:
    return StateRequest("present", order(), PASSPHRASE, in_use=in_use)


def test_no_ca_is_created_where_nodes_hold_certificates(tmp_path: Path) -> None:
    folder = AuthorityFolder(str(tmp_path / "ca"))
    held = [f"edge{number} (issued by 'CN=Old')" for number in range(20)]
    complaint = r"/ca holds no CA, and nodes hold .*edge0 \(issued by 'CN=Old'\).* and 15 more\..*ca_allow_new"
    for bring in (missing_step, reach):
        with pytest.raises(OrthancTlsError, match=complaint):
            bring(folder, request(held), NOW)
    assert not folder.exists()
    assert reach(folder, request([]), NOW)
    assert not reach(folder, request(held), NOW), "a CA that is there stays as it is"


def test_a_certificate_is_known_by_its_folder_also_after_the_ca_was_retired(
    ca: AuthorityFolder, other: AuthorityFolder
) -> None:
    for folder, stranger in ((ca, other), (other, ca)):
        mine = identity(folder)
        assert unknown_issuer(mine, authorities(folder)) == ""
        assert unknown_issuer(mine, authorities(stranger)) == repr(folder.active().subject)
        for state in ("staged", "active", "retired"):
            brought(folder, state)
        assert unknown_issuer(mine, authorities(folder)) == ""
    assert unknown_issuer({"failed": True, "msg": "no identity"}, authorities(ca)) == ""


@pytest.mark.parametrize("state", ["nothing under way", "next CA wanted", "next CA staged", "next CA issues"])
def test_a_rollover_with_the_wrong_folder_is_an_error_whatever_is_under_way(
    ca: AuthorityFolder, other: AuthorityFolder, state: str
) -> None:
    looks = {"archive": look(identity(ca)), "edge1": look(None, present=False)}
    for step in {"next CA staged": ["staged"], "next CA issues": ["staged", "active"]}.get(state, []):
        brought(other, step)
    wanted = {"common_name": "Next CA"} if state == "next CA wanted" else {}
    complaint = r"\(orthanc_ca_dir\) does not hold .*: archive \(issued by .*No step was taken"
    with pytest.raises(OrthancTlsError, match=complaint):
        planned(other, looks, **wanted)
    seen = planned(other, looks, waive=["archive", "edge1"], **wanted)
    assert "archive" not in seen["todo"] and "archive" not in seen["blockers"]


def test_a_node_does_not_go_back_to_a_certificate_that_the_folder_does_not_know(
    ca: AuthorityFolder, other: AuthorityFolder
) -> None:
    mine = identity(ca)
    groups = {"orthanc": HOSTS}
    hosts: dict[str, dict[str, Any]] = {host: {} for host in HOSTS}
    assert rollback_objections("archive", hosts, groups, mine, [], authorities(ca)) == []
    assert rollback_objections("archive", hosts, groups, mine, [], []) == [], (
        "nodes that sign for themselves have no CA"
    )
    (objection,) = rollback_objections("archive", hosts, groups, mine, [], authorities(other))
    assert "is none of those in the CA folder (orthanc_ca_dir)" in objection
    brought(ca, "staged")
    brought(ca, "active")
    brought(ca, "retired")
    (objection,) = rollback_objections("archive", hosts, groups, mine, [], authorities(ca))
    assert "was retired" in objection
