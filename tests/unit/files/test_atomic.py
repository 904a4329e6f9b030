# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing: the old file or the new one, and nobody reads a key too early."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from unprivileged import as_nobody, public_folder

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files import atomic


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_file_has_the_wanted_mode_whatever_the_umask(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "key.pem"
    previous = os.umask(0o000)
    try:
        atomic.write_file(str(target), b"key", mode=mode)
    finally:
        os.umask(previous)
    assert (target.read_bytes(), mode_of(target)) == (b"key", mode)
    assert os.listdir(tmp_path) == ["key.pem"]


def test_a_file_replaces_the_old_one_and_the_old_one_stays_whole_for_its_readers(tmp_path: Path) -> None:
    target = tmp_path / "key.pem"
    target.write_bytes(b"old")
    with target.open("rb") as reader:
        atomic.write_file(str(target), b"new", mode=0o600)
        assert reader.read() == b"old"
    assert target.read_bytes() == b"new"


def test_until_it_is_written_nobody_else_can_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    fchown, fchmod = os.fchown, os.fchmod

    def noted(call: object, descriptor: int, *arguments: int) -> None:
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        call(descriptor, *arguments)  # type: ignore[operator]

    monkeypatch.setattr(os, "fchown", lambda *arguments: noted(fchown, *arguments))
    monkeypatch.setattr(os, "fchmod", lambda *arguments: noted(fchmod, *arguments))
    atomic.write_file(str(tmp_path / "key.pem"), b"key", mode=0o644)
    assert seen == [0o600, 0o600]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "key.pem"
    target.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OrthancTlsError, match=rf"Cannot write {target}: No space left on device"):
        atomic.write_file(str(target), b"new", mode=0o600)
    assert (target.read_bytes(), os.listdir(tmp_path)) == (b"old", ["key.pem"])


def test_an_interruption_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(descriptor: int, mode: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fchmod", interrupted)
    with pytest.raises(KeyboardInterrupt):
        atomic.write_file(str(tmp_path / "key.pem"), b"key", mode=0o600)
    assert os.listdir(tmp_path) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OrthancTlsError, match=r"Cannot write .*/missing/key.pem: No such file or directory"):
        atomic.write_file(str(tmp_path / "missing" / "key.pem"), b"", mode=0o600)


def test_owner_and_group_are_set(tmp_path: Path) -> None:
    target = tmp_path / "key.pem"
    atomic.write_file(str(target), b"", mode=0o600, owner=os.getuid(), group=str(os.getgid()))
    assert (target.stat().st_uid, target.stat().st_gid) == (os.getuid(), os.getgid())


@pytest.mark.parametrize(
    ("names", "complaint"),
    [({"owner": "nobody-at-all"}, "no user 'nobody-at-all'"), ({"group": "no-such-group"}, "no group 'no-such-group'")],
)
def test_an_unknown_owner_is_an_error_before_anything_is_written(
    tmp_path: Path, names: dict[str, str], complaint: str
) -> None:
    with pytest.raises(OrthancTlsError, match=complaint):
        atomic.write_file(str(tmp_path / "key.pem"), b"", mode=0o600, **names)
    with pytest.raises(OrthancTlsError, match=complaint):
        atomic.make_folder(str(tmp_path / "folder"), 0o700, **names)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", ["file", "link", "link to nothing"])
def test_what_is_there_already_is_never_written_over_nor_followed(tmp_path: Path, kind: str) -> None:
    target, other = tmp_path / "key.pem", tmp_path / "other"
    if kind == "file":
        target.write_bytes(b"theirs")
    else:
        target.symlink_to(other)
        if kind == "link":
            other.write_bytes(b"theirs")
    with pytest.raises(OrthancTlsError, match=rf"Cannot write {target}: File exists"):
        atomic.create_file(str(target), b"key", mode=0o600)
    assert target.read_bytes() == b"theirs" if kind != "link to nothing" else not other.exists()


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_temporary_file_that_somebody_put_there_before_gets_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"theirs")
    monkeypatch.setattr(os, "urandom", bytes)
    planted = tmp_path / f".key.pem.{'0' * 12}"
    if kind == "file":
        os.link(other, planted)
    else:
        planted.symlink_to(other)
    with pytest.raises(OrthancTlsError, match="File exists"):
        atomic.write_file(str(tmp_path / "key.pem"), b"key", mode=0o600)
    assert other.read_bytes() == b"theirs" and not (tmp_path / "key.pem").exists()


def test_what_fails_for_lack_of_rights_is_told_and_leaves_nothing() -> None:
    with public_folder() as folder:
        told = as_nobody(lambda: atomic.write_file(str(folder / "key.pem"), b"key", mode=0o600))
        assert told == f"OrthancTlsError: Cannot write {folder}/key.pem: Permission denied."
        told = as_nobody(lambda: atomic.make_folder(str(folder / "tls"), 0o700))
        assert told == f"OrthancTlsError: Cannot make the folder {folder}/tls: Permission denied."
        assert os.listdir(folder) == []


def test_nobody_else_reads_what_was_written_for_its_owner() -> None:
    with public_folder() as folder:
        atomic.write_file(str(folder / "key.pem"), b"key", mode=0o600)
        assert as_nobody((folder / "key.pem").read_text).startswith("PermissionError")


def test_names_and_numbers_of_users_and_groups() -> None:
    assert (atomic.uid_of("root"), atomic.uid_of("0"), atomic.uid_of(0)) == (0, 0, 0)
    assert (atomic.gid_of("root"), atomic.gid_of("0"), atomic.gid_of(0)) == (0, 0, 0)


def test_a_link_is_made_and_swapped(tmp_path: Path) -> None:
    link = tmp_path / "current"
    for target in ("generations/a", "generations/b"):
        atomic.swap_link(str(link), target)
        assert os.readlink(link) == target
    assert os.listdir(tmp_path) == ["current"]


def test_a_link_does_not_replace_a_folder(tmp_path: Path) -> None:
    (tmp_path / "current").mkdir()
    with pytest.raises(OrthancTlsError, match=r"Cannot link .*/current: Is a directory"):
        atomic.swap_link(str(tmp_path / "current"), "generations/a")
    assert os.listdir(tmp_path) == ["current"]


def test_a_folder_is_made_once_and_its_mode_is_kept_right(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    assert atomic.make_folder(str(folder), 0o750)
    assert not atomic.make_folder(str(folder), 0o750)
    folder.chmod(0o777)
    assert atomic.make_folder(str(folder), 0o750)
    assert mode_of(folder) == 0o750


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_folder_is_not_made_where_something_else_is(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "tls"
    if kind == "file":
        place.write_text("")
    else:
        place.symlink_to(tmp_path)
    with pytest.raises(OrthancTlsError, match=f"Cannot make the folder {place}: Not a directory"):
        atomic.make_folder(str(place), 0o700)


def test_a_folder_is_not_made_without_its_parent(tmp_path: Path) -> None:
    with pytest.raises(OrthancTlsError, match="No such file or directory"):
        atomic.make_folder(str(tmp_path / "a" / "b"), 0o700)
