# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much can be written, and what time it is, on this very machine."""

from __future__ import annotations

import ctypes
import os
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.clock import Clock, clock
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.free_space import free_space

NOW = datetime(2026, 11, 24, 11, tzinfo=UTC)


def test_a_folder_that_is_not_there_yet_has_the_space_of_its_nearest_parent(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    paths = [str(tmp_path / "a" / "b"), str(tmp_path / "file" / "c"), str(tmp_path)]
    found = free_space(paths)
    assert list(found) == paths and {space.existing for space in found.values()} == {str(tmp_path)}
    total = os.statvfs(tmp_path)
    assert all(0 < space.bytes <= total.f_blocks * total.f_frsize for space in found.values())


def test_space_is_what_is_free_for_root_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = SimpleNamespace(
        f_bfree=7, f_bavail=5, f_frsize=4096, f_bsize=512, f_files=9, f_ffree=3, f_favail=2, f_flag=1
    )
    monkeypatch.setattr(os, "statvfs", lambda path: seen)
    space = free_space(["/"])["/"]
    assert (space.bytes, space.inodes, space.read_only) == (28672, 3, True)


def test_a_file_system_that_counts_no_inodes_has_no_number_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = SimpleNamespace(f_bfree=7, f_frsize=4096, f_files=0, f_ffree=0, f_flag=0)
    monkeypatch.setattr(os, "statvfs", lambda path: seen)
    assert free_space(["/"])["/"].inodes is None


def test_the_clock_is_told_in_utc() -> None:
    assert clock(NOW).utc == "2026-11-24T11:00:00Z" and clock(NOW).synchronised in (True, False, None)


@pytest.mark.parametrize(
    ("state", "error", "expected"),
    [(0, 15_999_999, True), (5, 15_999_999, True), (5, 16_000_000, False), (-1, 0, None)],
)
def test_a_clock_is_synchronised_where_timedatectl_says_so(
    state: int, error: int, expected: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Library:
        def adjtimex(self, kernel: Any) -> int:
            assert kernel._obj.modes == 0, "anything else would change the clock"
            kernel._obj.maximum_error = error
            return state

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library())
    assert clock(NOW) == Clock("2026-11-24T11:00:00Z", expected)


def test_a_system_without_that_call_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert clock(NOW).synchronised is None
