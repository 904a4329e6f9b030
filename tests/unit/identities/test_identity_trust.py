# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Letting an identity trust further certificates: on real ones, killed anywhere."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, made_folder
from identities import Node, snapshot
from recorded_service import killed_after

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities import rollback
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    LEAF_FILES,
    SERVER_TRUST,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.trust import extend
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.trust_bundle import certificates_in


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = Node(made_folder(tmp_path), tmp_path / "tls")
    node.run()
    return node


@pytest.fixture(scope="module")
def further(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the root of another CA."""
    return Path(made_folder(tmp_path_factory.mktemp("another")).path, "active", "ca.pem").read_bytes()


def told(node: Node, *, check_mode: bool = False, **bundles: bytes) -> dict[str, Any]:
    names = {"client": CLIENT_TRUST, "server": SERVER_TRUST}
    further = {names[bundle]: pem for bundle, pem in bundles.items()}
    return extend(str(node.path), further, check_mode=check_mode, now=NOW)


def trusted(node: Node, name: str) -> list[bytes]:
    return certificates_in((node.current / name).read_bytes())


def test_what_is_added_is_trusted_beside_what_was_and_key_and_leaf_stay(node: Node, further: bytes) -> None:
    before = {name: (node.current / name).read_bytes() for name in LEAF_FILES}
    roots = trusted(node, CLIENT_TRUST)
    assert told(node, client=further)["changed"]
    assert sorted(trusted(node, CLIENT_TRUST)) == sorted([*roots, *certificates_in(further)])
    assert trusted(node, SERVER_TRUST) == roots
    assert {name: (node.current / name).read_bytes() for name in LEAF_FILES} == before


def test_twice_changes_nothing_the_second_time(node: Node, further: bytes) -> None:
    first = told(node, client=further, server=further)
    before = snapshot(node.path)
    second = told(node, client=further, server=further)
    assert not second["changed"] and second["generation"] == first["generation"]
    assert snapshot(node.path) == before


def test_check_mode_writes_nothing_and_tells_the_trust_to_come(node: Node, further: bytes) -> None:
    before = snapshot(node.path)
    planned = told(node, check_mode=True, client=further)
    assert planned["changed"] and snapshot(node.path) == before
    assert told(node, client=further)["trust_sha256"] == planned["trust_sha256"]


def test_the_new_generation_is_whole_and_leads_back_to_the_former_one(node: Node, further: bytes) -> None:
    former = node.current.resolve().name
    told(node, client=further)
    went_back = rollback.reach(str(node.path), "previous", "a test", check_mode=False, now=NOW)
    assert went_back["identity"]["generation"]["name"] == former
    assert went_back["identity"]["generation"]["matches_manifest"]


def test_the_next_run_drops_what_the_inventory_does_not_ask_for(node: Node, further: bytes) -> None:
    roots = trusted(node, CLIENT_TRUST)
    told(node, client=further)
    result = node.run()
    assert (result["renewed"], result["reason"]) == (False, "trust_changed")
    assert trusted(node, CLIENT_TRUST) == roots


def test_what_is_held_is_left_alone(node: Node, further: bytes) -> None:
    rollback.reach(str(node.path), "held", "a test", check_mode=False, now=NOW)
    before = snapshot(node.path)
    with pytest.raises(OrthancTlsError, match=r"is held at .* since .*; release it first"):
        told(node, client=further)
    assert snapshot(node.path) == before


def test_what_is_damaged_is_left_to_another_run(node: Node, further: bytes) -> None:
    (node.current / "cert.pem").write_text("")
    with pytest.raises(OrthancTlsError, match=r"is damaged .*; run site.yml for this host first"):
        told(node, client=further)


def test_without_an_identity_it_says_so(tmp_path: Path, further: bytes) -> None:
    with pytest.raises(OrthancTlsError, match=r"holds no identity; run site\.yml"):
        extend(str(tmp_path / "missing"), {CLIENT_TRUST: further}, check_mode=False, now=NOW)


def test_killed_anywhere_the_next_run_converges(node: Node, further: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    roots, known = trusted(node, CLIENT_TRUST), certificates_in(further)
    for count in range(200):
        done = killed_after(count, functools.partial(told, node, client=further), monkeypatch)
        assert sorted(trusted(node, CLIENT_TRUST)) in (sorted(roots), sorted([*roots, *known]))
        told(node, client=further)
        assert sorted(trusted(node, CLIENT_TRUST)) == sorted([*roots, *known])
        node.run()
        if done:
            break
    assert done and count > 10
