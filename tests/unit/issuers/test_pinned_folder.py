# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where it is kept by what nodes are known: nobody else can put a certificate there, and no other folder becomes it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pinned_nodes import Pinned, made_pair

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("folder", ["", "pinned"])
@pytest.mark.parametrize("opened", [0o777, 0o755, 0o750])
def test_a_folder_open_to_others_is_refused_before_a_node_is_reached(tmp_path: Path, folder: str, opened: int) -> None:
    a, _b = made_pair(tmp_path)
    path = tmp_path / "ca" / folder
    path.chmod(opened)
    with pytest.raises(OrthancTlsError, match=rf"{path} has mode {opened:04o}, open to others.*chmod 0700"):
        a.order()
    assert mode(path) == opened, "it is not changed silently"
    path.chmod(0o700)
    assert not a.run()["changed"]


@pytest.mark.parametrize("folder", ["", "pinned"])
def test_a_folder_of_another_user_is_refused(tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    a, _b = made_pair(tmp_path)
    path, owner = str(tmp_path / "ca" / folder).removesuffix("/"), os.geteuid()
    real = {"stat": os.stat, "lstat": os.lstat}

    def foreign(call: str, name: str) -> os.stat_result:
        found = real[call](name)
        return os.stat_result([*found[:4], owner + 1, *found[5:]]) if name == path else found

    for call in real:
        monkeypatch.setattr(os, call, partial(foreign, call))
    with pytest.raises(OrthancTlsError, match=rf"{path} belongs to user {owner + 1}, and this is user {owner}"):
        a.order()


@pytest.mark.parametrize("kind", ["link", "file"])
def test_something_else_in_place_of_the_folder_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "ca").mkdir(mode=0o700)
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    pinned = tmp_path / "ca" / "pinned"
    if kind == "link":
        pinned.symlink_to(tmp_path / "elsewhere")
    else:
        pinned.touch()
    with pytest.raises(OrthancTlsError, match=rf"{pinned} is not a folder"):
        Pinned("a", tmp_path).order()


@pytest.mark.parametrize("opened", [0o755, 0o700])
def test_a_folder_of_other_things_is_left_as_it_is(tmp_path: Path, opened: int) -> None:
    (tmp_path / "ca" / "www").mkdir(parents=True)
    (tmp_path / "ca").chmod(opened)
    for check_mode in (True, False):
        with pytest.raises(OrthancTlsError, match=rf"{tmp_path}/ca holds www; name a folder for the CA alone"):
            Pinned("a", tmp_path).order(check_mode=check_mode)
    assert mode(tmp_path / "ca") == opened and os.listdir(tmp_path / "ca") == ["www"]


def test_the_folder_s_parent_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(OrthancTlsError, match=r"/ca cannot be made, as .*/missing is not a folder"):
        Pinned("a", tmp_path / "missing").order()


def test_a_missing_folder_is_made_closed_and_notes_beside_it_do_no_harm(tmp_path: Path) -> None:
    a, b = made_pair(tmp_path)
    assert mode(tmp_path / "ca") == mode(tmp_path / "ca" / "pinned") == 0o700
    (tmp_path / "ca" / "notes.txt").touch()
    assert not a.run()["changed"] and not b.run()["changed"]


def replaced(file: Path, by: Callable[[Path], object]) -> None:
    content = file.read_bytes()
    file.unlink()
    by(file)
    (file.parent.parent / "copy.pem").write_bytes(content)


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "writable by others": (lambda file: file.chmod(0o622), "has mode 0622, so that others can change it"),
    "a pipe": (lambda file: replaced(file, os.mkfifo), "is not a file"),
    "a link": (lambda file: replaced(file, lambda at: at.symlink_to(at.parent.parent / "copy.pem")), "Cannot read"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_file_that_others_may_have_written_is_named_and_peers_keep_what_they_trust(
    tmp_path: Path, wrong: str
) -> None:
    a, b = made_pair(tmp_path)
    harm, complaint = WRONG[wrong]
    harm(tmp_path / "ca" / "pinned" / "a.pem")
    (warning,) = b.order().warnings
    assert warning.startswith(("Cannot read", f"{tmp_path}/ca/pinned/a.pem")) and complaint in warning
    assert "run site.yml for a" in warning
    trusted = b.accepts
    b.run(force=True)
    assert trusted <= b.accepts
    a.run()
    assert a.known_by == {a.live} and not b.order().warnings
