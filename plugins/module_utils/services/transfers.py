# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restart of a service would cut: connections to its ports, and its jobs (standard library only).

No release of Orthanc tells of an upload before it has all of it, nor of DICOM associations. So the kernel is asked for
connections, and Orthanc only for its jobs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import urljoin

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.options import read_probes
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.run import run as run_probes

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_ESTABLISHED = "01"
_SECONDS = 10
_DELAY = 0.2  # seconds between two looks
_UNFINISHED = ("Pending", "Running")


def connections(ports: Collection[int]) -> int:
    """Count the connections that clients have to these ports of this node."""
    return sum(_of_table(path, ports) for path in _TABLES)


def _of_table(path: str, ports: Collection[int]) -> int:
    try:
        with open(path, encoding="ascii") as table:
            rows = [line.split()[1:4] for line in table.readlines()[1:]]
    except OSError:  # a node without IPv6 has no such table
        return 0
    return sum(state == _ESTABLISHED and int(local.rpartition(":")[2], 16) in ports for local, _remote, state in rows)


def unfinished_jobs(probe: Mapping[str, Any], path: str) -> int:
    """Count the jobs that Orthanc has at C(path) beside the probe's URL; none where it does not tell."""
    asked = {**probe, "url": urljoin(str(probe["url"]), path), "status": [200], "return_json": True}
    try:
        (result,) = run_probes(read_probes([asked]), timeout=_SECONDS)
    except OrthancTlsError:
        return 0
    jobs = result.observation.json if result.ok else None
    states = [job.get("State") for job in jobs if isinstance(job, dict)] if isinstance(jobs, list) else []
    return sum(state in _UNFINISHED for state in states)


def wait_until_none(count: Callable[[], int], seconds: int) -> int:
    """Wait until there is nothing to count, so many seconds at most; return what there is at the end."""
    end = time.monotonic() + seconds
    while True:
        left = count()
        if not left or time.monotonic() >= end:
            return left
        time.sleep(min(_DELAY, max(0, end - time.monotonic())))
