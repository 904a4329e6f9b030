# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch nginx's processes until the file STOP appears; then print the largest resident set of one of them, in bytes.

Usage: watch_nginx.py STOP
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

SECONDS = 0.02
LONGEST = 900


def main() -> None:
    stop, memory = Path(sys.argv[1]), max(resident_sets())
    end = time.monotonic() + LONGEST
    while not stop.exists() and time.monotonic() < end:
        time.sleep(SECONDS)
        memory = max([memory, *resident_sets()])
    print(memory)


def resident_sets() -> Iterator[int]:
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if (process / "comm").read_text() == "nginx\n":
                    yield int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
