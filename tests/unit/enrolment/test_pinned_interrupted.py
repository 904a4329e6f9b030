# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A renewal of a self-signed node that was cut off or damaged: it ends with what its peers accept."""

from __future__ import annotations

from pathlib import Path

import pytest
from pinned_nodes import DUE, Pinned, can_talk, made_pair

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
