# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generations on disk: what is wrong with one is found, and the folder of them stays in order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from generations import CONTENTS, LEAF, MINE, NOW, current, made
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.lease import QUIET
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    MANIFEST,
    SERVER,
    SERVER_TRUST,
    Manifest,
    Ownership,
    read_generation,
    trust_sha256,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import GenerationStore
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "tls"


@pytest.fixture
def store(path: Path) -> GenerationStore:
    return GenerationStore(str(path), MINE)


instants = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1)).map(lambda i: i.replace(tzinfo=UTC, microsecond=0))
leaves = st.builds(Leaf, names=st.lists(st.text()), not_before=instants, not_after=instants)


@given(leaves)
def test_a_manifest_is_read_as_it_was_written(leaf: Leaf) -> None:
    manifest = Manifest.of(leaf, CONTENTS)
    assert Manifest.from_json(manifest.to_json()) == manifest


@given(
    st.one_of(st.binary(), st.recursive(st.none() | st.text(), st.lists, max_leaves=3).map(json.dumps).map(str.encode))
)
def test_what_is_no_manifest_is_an_error(text: bytes) -> None:
    with pytest.raises(OrthancTlsError):
        Manifest.from_json(text)


@pytest.mark.parametrize("key", ["leaf", "files"])
def test_a_manifest_with_a_part_missing_is_an_error(key: str) -> None:
    data = json.loads(Manifest.of(LEAF, CONTENTS).to_json())
    del data[key][next(iter(data[key]))]
    with pytest.raises(OrthancTlsError):
        Manifest.from_json(json.dumps(data).encode())


def test_a_certificate_that_moves_between_the_trust_bundles_counts() -> None:
    assert trust_sha256({CLIENT_TRUST: b"ab", SERVER_TRUST: b"c"}) != trust_sha256(
        {CLIENT_TRUST: b"a", SERVER_TRUST: b"bc"}
    )


def test_the_first_generation_has_the_layout_of_the_design(store: GenerationStore, path: Path) -> None:
    generation = made(store)
    assert os.readlink(path / "current") == f"generations/{generation.name}"
    assert generation.name.startswith("20261124T110000Z-")
    for folder in (path, path / "generations", path / "current"):
        assert folder.stat().st_mode & 0o7777 == 0o750
    files = {file.name: file.stat().st_mode & 0o7777 for file in (path / "current").iterdir()}
    assert files == dict.fromkeys([*CONTENTS, MANIFEST], 0o640)
    assert (path / "current" / "server.pem").read_bytes() == b"keycertchain"
    assert (path / "current" / "fullchain.pem").read_bytes() == b"certchain"
    assert current(store) == generation


def rewrite(file: Path) -> None:
    file.write_bytes(b"other")


def link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


def open_to_all(file: Path) -> None:
    file.chmod(0o644)


@pytest.mark.parametrize("name", sorted([*CONTENTS, MANIFEST]))
@pytest.mark.parametrize("damage", [rewrite, link, open_to_all, os.unlink])
def test_damage_to_any_file_is_found(
    store: GenerationStore, path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    made(store)
    damage(path / "current" / name)
    assert list(current(store).faults) == [name]


@pytest.mark.parametrize("folder", [".", "generations", "current"])
def test_a_folder_that_is_too_open_is_found(store: GenerationStore, path: Path, folder: str) -> None:
    made(store)
    (path / folder).chmod(0o755)
    assert list(current(store).faults.values()) == ["has mode 0755 instead of 0750"]


def test_another_owner_or_group_is_found_where_they_are_known(store: GenerationStore, path: Path) -> None:
    folder = made(store).folder
    assert not read_generation(folder, Ownership(None, None)).faults
    assert "belongs to user" in read_generation(folder, Ownership(os.getuid() + 1, None)).faults[MANIFEST]
    assert "belongs to group" in read_generation(folder, Ownership(None, os.getgid() + 1)).faults[MANIFEST]


@pytest.mark.parametrize("target", ["generations/gone", "/nowhere", "."])
def test_a_link_that_points_astray_is_damage(store: GenerationStore, path: Path, target: str) -> None:
    made(store)
    (path / "current").unlink()
    (path / "current").symlink_to(target)
    assert current(store).faults


def test_a_folder_in_the_place_of_the_link_is_an_error(store: GenerationStore, path: Path) -> None:
    (path / "current").mkdir(parents=True)
    with pytest.raises(OrthancTlsError, match="is no symbolic link, so this collection did not make it"):
        store.current()


def test_a_half_filled_generation_never_goes_live(store: GenerationStore, path: Path) -> None:
    before = made(store)
    name = store.stage(NOW)
    store.fill(name, {**CONTENTS, MANIFEST: Manifest.of(LEAF, {**CONTENTS, "key.pem": b"other"}).to_json()})
    with pytest.raises(OrthancTlsError, match=r"key\.pem is not the file that the manifest describes"):
        store.commit(name)
    assert current(store) == before


# Another program, as libcurl is one: twice in a row, and then at another time. It ends with its standard input.
_OPENS_TWICE = """
import os, random, select, sys, time
while not select.select([sys.stdin], [], [], random.uniform(0.022, 0.06))[0]:
    for _time in range(2):
        with open(sys.argv[1]) as pem:
            print(os.path.dirname(os.readlink(f"/proc/self/fd/{pem.fileno()}")), time.monotonic(), flush=True)
        time.sleep(0.01)
"""


def test_who_opens_a_pem_twice_sees_one_generation(store: GenerationStore, path: Path) -> None:
    generations = [made(store, NOW + timedelta(days=day)) for day in range(2)]
    command = [sys.executable, "-c", _OPENS_TWICE, str(path / "current" / SERVER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        for number in range(40):
            store.relink(generations[number % 2])
        opened = [line.split() for line in program.communicate()[0].splitlines()]
    pairs = [
        (first, second)
        for (first, began), (second, ended) in zip(opened[::2], opened[1::2], strict=True)
        if float(ended) - float(began) < QUIET
    ]
    assert {folder for pair in pairs for folder in pair} == {generation.folder for generation in generations}
    # On a busy machine a swap can be interrupted between its last look and the rename. Without any look it would be 8.
    assert sum(first != second for first, second in pairs) <= 1


def test_only_the_newest_generations_stay(store: GenerationStore, path: Path) -> None:
    names = [made(store, NOW + timedelta(days=day)).name for day in range(6)]
    store.prune(3)
    assert sorted(os.listdir(path / "generations")) == names[-3:]


def test_the_current_generation_stays_whatever_its_age(store: GenerationStore, path: Path) -> None:
    names = [made(store, NOW + timedelta(days=day)).name for day in range(4)]
    (path / "current").unlink()
    (path / "current").symlink_to(f"generations/{names[0]}")
    store.prune(1)
    assert os.listdir(path / "generations") == [names[0]]
    store.prune(1)
    assert not current(store).faults


def test_only_old_leftovers_are_removed(store: GenerationStore, path: Path) -> None:
    made(store)
    old, young = store.stage(NOW), store.stage(NOW)
    store.fill(old, {"key.pem": b"key"})
    (path / ".current.abc").symlink_to("generations/x")
    for leftover in (Path(store.staged_folder(old)), path / ".current.abc"):
        os.utime(leftover, (1, 1), follow_symlinks=False)
    store.remove_leftovers()
    assert not os.path.lexists(path / ".current.abc")
    assert not os.path.lexists(store.staged_folder(old))
    assert os.path.isdir(store.staged_folder(young))


def test_a_lock_keeps_another_run_waiting(store: GenerationStore, path: Path) -> None:
    made(store)
    entered = threading.Event()

    def other() -> None:
        with GenerationStore(str(path), MINE).locked():
            entered.set()

    thread = threading.Thread(target=other)
    with store.locked():
        thread.start()
        assert not entered.wait(0.1)
    assert entered.wait(5)
    thread.join()


def test_a_folder_that_is_not_there_needs_no_lock(store: GenerationStore, path: Path) -> None:
    with store.locked():
        assert not path.exists()
