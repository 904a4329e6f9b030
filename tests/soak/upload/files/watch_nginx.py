# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch nginx's processes until the file STOP appears; then print what was seen as JSON.

Usage: watch_nginx.py STOP

memory is the largest resident set of one process in bytes, temporary are the files below /var/lib/nginx that nginx had
open or that lay there with a content: nginx unlinks its temporary files while it writes them.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

FOLDER = "/var/lib/nginx/"
SECONDS = 0.02
LONGEST = 900


def main() -> None:
    stop, memory, looks = Path(sys.argv[1]), 0, 0
    temporary: set[str] = set()
    end = time.monotonic() + LONGEST
    while not stop.exists() and time.monotonic() < end:
        for process in nginx():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                memory = max(memory, resident(process))
                temporary.update(open_files(process))
        temporary.update(str(file) for file in Path(FOLDER).rglob("*") if file.is_file() and file.stat().st_size)
        looks += 1
        time.sleep(SECONDS)
    print(json.dumps({"memory": memory, "temporary": sorted(temporary), "looks": looks}))


def nginx() -> Iterator[Path]:
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if (process / "comm").read_text() == "nginx\n":
                    yield process


def resident(process: Path) -> int:
    return int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files(process: Path) -> Iterator[str]:
    for descriptor in (process / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            target = os.readlink(descriptor)
            if target.startswith(FOLDER):
                yield target


if __name__ == "__main__":
    main()
