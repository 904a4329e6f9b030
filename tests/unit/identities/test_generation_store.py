# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of generations loses nothing that is in use, and shuts nobody out when something goes wrong."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest
from generations import MINE, NOW, current, filled, made
from identities import snapshot

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import MANIFEST
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import WAITING, GenerationStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "tls"


@pytest.fixture
def store(path: Path) -> GenerationStore:
    return GenerationStore(str(path), MINE)


def test_only_what_a_killed_run_hid_is_a_leftover_however_old_the_rest_is(store: GenerationStore, path: Path) -> None:
    made(store, link=WAITING)
    live = made(store)
    (path / "held.json").write_text("{}")
    before = snapshot(path)
    for place in [path, *path.rglob("*")]:
        os.utime(place, (1, 1), follow_symlinks=False)
    store.remove_leftovers()
    assert snapshot(path) == before
    assert current(store) == live


@pytest.mark.parametrize(("age", "stays"), [(3500, True), (-3500, True), (3700, False), (-3700, False)])
def test_a_leftover_stays_for_an_hour_also_after_the_clock_went_back(
    store: GenerationStore, age: int, stays: bool
) -> None:
    folder = store.staged_folder(store.stage(NOW))
    os.utime(folder, (time.time() - age,) * 2)
    store.remove_leftovers()
    assert os.path.isdir(folder) is stays


def test_a_damaged_generation_does_not_wait(store: GenerationStore, path: Path) -> None:
    made(store)
    prepared = made(store, link=WAITING)
    assert store.waiting() == prepared
    (path / WAITING / "key.pem").write_bytes(b"other")
    assert store.waiting() is None


@pytest.mark.parametrize("call", ["rename", "symlink"])
def test_what_could_not_go_live_is_hidden_again_and_the_first_error_is_told(
    store: GenerationStore, path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    before = made(store)
    name = filled(store)

    def full(*_arguments: object, **_named: object) -> None:
        monkeypatch.undo()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    with pytest.raises((OSError, OrthancTlsError), match="No space left on device"):
        store.commit(name)
    assert sorted(os.listdir(path / "generations")) == sorted([before.name, f".{name}"])
    assert current(store) == before


def test_where_the_live_manifest_is_lost_nobody_guesses_what_was_live_before(
    store: GenerationStore, path: Path
) -> None:
    made(store)
    made(store)
    (path / "current" / MANIFEST).unlink()
    with pytest.raises(OrthancTlsError, match="so there is none to go back to"):
        store.replaced_by(current(store))
