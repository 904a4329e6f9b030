# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which programs listen on a TCP port (standard library only)."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_COMMAND = ("ss", "--no-header", "--listening", "--tcp", "--numeric", "--processes")
_LOCAL_PORT = re.compile(r"^\S+\s+\d+\s+\d+\s+\S+:(\d+)\s")
_PROCESS = re.compile(r'\("(?P<program>[^"]+)",pid=(?P<pid>\d+)')
_SECONDS = 60


@dataclass(frozen=True)
class Holder:
    """A program that listens; without a name and number where the kernel does not say (another namespace's)."""

    port: int
    program: str | None
    process: int | None


def holders(ports: Collection[int]) -> list[Holder]:
    """Ask the kernel who listens on any of the ports, on whichever address, one answer per port and program."""
    try:
        answer = subprocess.run(_COMMAND, capture_output=True, text=True, timeout=_SECONDS, check=True)
    except FileNotFoundError as error:
        raise OrthancTlsError(
            f"Cannot ask who listens on ports {sorted(ports)}: the program 'ss' is missing; install the package "
            "iproute2."
        ) from error
    except (OSError, subprocess.SubprocessError) as error:
        raise OrthancTlsError(f"Cannot ask who listens on ports {sorted(ports)}: {error}.") from error
    return read_holders(answer.stdout, ports)


def read_holders(answer: str, ports: Collection[int]) -> list[Holder]:
    """Read the table of C(ss); of several processes of one program the first counts."""
    found: dict[tuple[int, str | None], Holder] = {}
    for line in answer.splitlines():
        local = _LOCAL_PORT.match(line)
        if local is None or int(local[1]) not in ports:
            continue
        process = _PROCESS.search(line)
        program, number = (process["program"], int(process["pid"])) if process else (None, None)
        found.setdefault((int(local[1]), program), Holder(int(local[1]), program, number))
    return list(found.values())
