# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is at the paths that are managed: digests, owners and modes, never contents, and nothing of a key."""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_certificates import made
from unprivileged import as_nobody, public_folder

from ansible_collections.openimaging.orthanc.plugins.module_utils.files.state import see
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection import managed_files as inspector
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import (
    ManagedFile,
    managed_files,
)

SECRET = '{"Password": "s3cret"}'


def seen(path: Path) -> ManagedFile:
    return managed_files([str(path)])[str(path)]


def test_a_file_is_told_by_digest_owner_and_mode_alone(tmp_path: Path) -> None:
    file = tmp_path / "orthanc.json"
    file.write_text(SECRET)
    file.chmod(0o640)
    found = seen(file)
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    assert (found.kind, found.sha256, found.mode, found.size) == ("file", digest, "0640", len(SECRET))
    assert (found.uid, found.gid, found.target, found.fault) == (os.getuid(), os.getgid(), None, None)
    assert "s3cret" not in repr(found)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "default").symlink_to("/dev/null")
    found = seen(tmp_path / "default")
    assert (found.kind, found.target, found.sha256) == ("link", "/dev/null", None)


def test_folders_missing_files_and_others_are_told_apart(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    assert (seen(tmp_path).kind, seen(tmp_path).mode) == ("folder", "0750")
    assert seen(tmp_path / "pipe").kind == "other"
    assert seen(tmp_path / "nosuch") == seen(tmp_path / "file" / "below") == ManagedFile("missing")


def test_an_owner_without_a_name_has_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    monkeypatch.setattr(grp, "getgrgid", {}.__getitem__)
    found = seen(tmp_path / "file")
    assert (found.owner, found.group, found.uid) == ("", "", os.getuid())


@pytest.mark.parametrize("name", ["key.pem", "server.pem", "own.key"])
def test_the_file_of_a_private_key_is_not_even_opened(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(inspector, "see", opened.append)
    (tmp_path / name).write_bytes(made("node").key_pem)
    found = seen(tmp_path / name)
    assert (found.kind, found.sha256, opened) == ("file", None, []) and "is not read" in str(found.fault)


def test_a_private_key_under_another_name_gets_no_digest(tmp_path: Path) -> None:
    node = made("node")
    (tmp_path / "site.conf").write_bytes(node.cert_pem + node.key_pem)
    found = seen(tmp_path / "site.conf")
    digest = see(str(tmp_path / "site.conf")).state.sha256
    assert found.sha256 is None and "private key" in str(found.fault) and digest not in repr(found)


def test_certificates_alone_have_a_digest(tmp_path: Path) -> None:
    (tmp_path / "trust.pem").write_bytes(made("node").cert_pem)
    assert seen(tmp_path / "trust.pem").sha256


def test_a_file_that_is_too_large_to_be_ours_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open(tmp_path / "large", "wb") as file:
        file.truncate(inspector.LARGEST + 1)
    monkeypatch.setattr(inspector, "see", None)
    found = seen(tmp_path / "large")
    assert found.sha256 is None and f"has {inspector.LARGEST + 1} bytes" in str(found.fault)


def test_what_may_not_be_read_is_told_and_no_failure() -> None:
    with public_folder() as folder:
        (folder / "closed").touch(0o600)
        (folder / "below").mkdir(0o700)
        assert "fault='cannot be read: Permission denied'" in as_nobody(lambda: seen(folder / "closed"))
        assert "fault='cannot be looked at: Permission denied'" in as_nobody(lambda: seen(folder / "below" / "file"))


@given(st.binary())
def test_whatever_is_in_a_file_it_does_not_come_out(contents: bytes) -> None:
    with public_folder() as folder:
        (folder / "file").write_bytes(contents)
        found = seen(folder / "file")
        assert found.sha256 == hashlib.sha256(contents).hexdigest()
        assert all(not isinstance(value, bytes) for value in astuple(found))
