# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A renewal of a self-signed node that was cut off or damaged: it ends with what its peers accept."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from authorities import NOW
from identities import snapshot
from pinned_nodes import DUE, Pinned, can_talk, made_pair

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import Hold, write_hold
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import GenerationStore


@pytest.fixture
def renewing(tmp_path: Path) -> tuple[Pinned, Pinned]:
    """Two peers that trust each other; the first one's renewal waits, and both trust it already."""
    a, b = made_pair(tmp_path)
    a.run(now=DUE)
    b.run()
    a.run(now=DUE)
    return a, b


def test_what_went_live_before_the_run_was_killed_does_not_wait_any_more(
    renewing: tuple[Pinned, Pinned], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = renewing

    def killed(store: GenerationStore) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(GenerationStore, "drop_waiting", killed)
        with pytest.raises(KeyboardInterrupt):
            a.run(now=DUE, activate=True)
    assert (a.path / "waiting").is_symlink() and can_talk(a, b)
    live = a.live
    ended = a.run(now=DUE, activate=True)
    assert (ended["changed"], ended["waiting_sha256"], a.live) == (False, None, live)
    assert not (a.path / "waiting").is_symlink() and can_talk(a, b)


def test_where_the_live_manifest_is_lost_what_waits_goes_live_and_the_peer_accepts_it(
    renewing: tuple[Pinned, Pinned],
) -> None:
    a, b = renewing
    (a.path / "current" / "manifest.json").unlink()
    result = a.run(now=DUE)
    assert (result["reason"], result["waiting_sha256"]) == ("damaged", None)
    assert a.live in b.accepts and a.live in a.accepts


def test_what_waits_and_was_damaged_never_goes_live(renewing: tuple[Pinned, Pinned]) -> None:
    a, b = renewing
    (a.path / "waiting" / "key.pem").write_text("damaged")
    old, first = a.live, a.known_by
    again = a.run(now=DUE)
    assert (again["reason"], a.live) == ("expiring", old)
    assert again["waiting_sha256"] not in first and can_talk(a, b)


@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "apply"])
def test_clocks_too_far_apart_refuse_before_a_renewal_is_prepared(tmp_path: Path, check_mode: bool) -> None:
    a, _b = made_pair(tmp_path)
    before = snapshot(tmp_path)
    assert not a.run(clock=DUE)["changed"], "where nothing is due, no clock matters"
    with pytest.raises(OrthancTlsError, match="set the wrong clock"):
        a.run(now=DUE, clock=DUE + timedelta(hours=2), check_mode=check_mode)
    assert snapshot(tmp_path) == before


def test_what_openssl_refuses_on_this_node_never_goes_live(tmp_path: Path) -> None:
    a, b = made_pair(tmp_path)
    old = a.live
    with pytest.raises(OrthancTlsError, match="not yet valid"):
        a.run(now=NOW + timedelta(days=1), activate=True)
    assert a.live == old and can_talk(a, b)


def test_a_hold_without_an_identity_holds_nothing(tmp_path: Path) -> None:
    node = Pinned("a", tmp_path)
    node.path.mkdir()
    write_hold(str(node.path), Hold.begun("x", "why", NOW))
    assert node.run()["reason"] == "missing"


def test_what_a_killed_run_left_goes_with_the_next_run_and_not_in_check_mode(tmp_path: Path) -> None:
    node = Pinned("a", tmp_path)
    node.run()
    leftover = node.path / "generations" / ".killed"
    leftover.mkdir()
    os.utime(leftover, (1, 1))
    assert not node.run(check_mode=True)["changed"] and leftover.exists()
    assert not node.run()["changed"] and not leftover.exists()
