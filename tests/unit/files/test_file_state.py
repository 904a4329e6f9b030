# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is at a path is seen as it is, without following a link and without waiting, and is brought back as it was."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.state import FILE, LINK, MISSING, put, see


@pytest.fixture
def exchanged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give a path that somebody exchanges after the first look at it: that look showed an ordinary file."""
    ordinary = tmp_path / "ordinary"
    ordinary.write_text("ordinary")
    status = os.lstat(ordinary)
    monkeypatch.setattr(os, "lstat", lambda path: status)
    return tmp_path / "exchanged"


@pytest.fixture
def in_time() -> Iterator[None]:
    """End what waits for ever."""

    def late(*_arguments: object) -> None:
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(5)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_a_link_that_takes_a_file_s_place_is_not_followed(exchanged: Path, tmp_path: Path) -> None:
    (tmp_path / "shadow").write_text("secret")
    exchanged.symlink_to(tmp_path / "shadow")
    with pytest.raises((OSError, OrthancTlsError), match="symbolic link"):
        see(str(exchanged))


@pytest.mark.usefixtures("in_time")
def test_a_pipe_that_takes_a_file_s_place_is_not_waited_for(exchanged: Path) -> None:
    os.mkfifo(exchanged)
    with pytest.raises(OrthancTlsError, match="is neither a file nor a symbolic link"):
        see(str(exchanged))


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["folder", "pipe"])
@pytest.mark.usefixtures("in_time")
def test_what_is_no_file_is_refused(tmp_path: Path, make: object) -> None:
    make(tmp_path / "x")  # type: ignore[operator]
    with pytest.raises(OrthancTlsError, match="is neither a file nor a symbolic link"):
        see(str(tmp_path / "x"))


def test_mode_and_link_come_back_as_they_were(tmp_path: Path) -> None:
    file, link, none = tmp_path / "file", tmp_path / "link", tmp_path / "none"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to("file")
    before = [see(str(path)) for path in (file, link, none)]
    assert [seen.state.kind for seen in before] == [FILE, LINK, MISSING]
    file.chmod(0o644)
    file.write_text("new")
    link.unlink()
    link.write_text("no link")
    none.write_text("there")
    for path, seen in zip((file, link, none), before, strict=True):
        put(str(path), seen.state, seen.contents)
    assert [see(str(path)).state for path in (file, link, none)] == [seen.state for seen in before]
    assert file.read_text() == "old" and see(str(none / "below")).state.kind == MISSING


def test_missing_folders_are_made_open_for_services(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    seen = see(str(tmp_path / "file"))
    old = os.umask(0o077)
    put(str(tmp_path / "a" / "b" / "file"), seen.state, seen.contents)
    os.umask(old)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a/b")] == [0o755, 0o755]
