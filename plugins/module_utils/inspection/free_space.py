# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much root can still write where files will go (standard library only)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FreeSpace:
    """What is free for root on the file system of C(existing), the nearest folder that is there.

    C(inodes) is how many files can still be made; None where the file system does not count them (such as btrfs).
    """

    existing: str
    bytes: int
    inodes: int | None
    read_only: bool


def free_space(folders: Sequence[str]) -> dict[str, FreeSpace]:
    """Look at each folder, whether it is there yet or not."""
    return {folder: _of(folder) for folder in folders}


def _of(folder: str) -> FreeSpace:
    existing = folder
    while not os.path.isdir(existing) and os.path.dirname(existing) != existing:
        existing = os.path.dirname(existing)
    status = os.statvfs(existing)
    counted = status.f_files > 0
    return FreeSpace(
        existing,
        status.f_bfree * status.f_frsize,
        status.f_ffree if counted else None,
        bool(status.f_flag & os.ST_RDONLY),
    )
