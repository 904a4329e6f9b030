# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure on a node what nginx with mutual TLS costs beside Orthanc's plain HTTP, with curl over the loopback.

Usage: measure.py NAME LARGE ROUNDS

NAME is the node's own name, LARGE a DICOM file. Both sides take turns, and only ratios within one turn are compared. A
request that is not answered with 200 ends the measurement.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

IDENTITY = "/etc/orthanc/tls/current"
REQUESTS = 3000
AT_ONCE = 8


@dataclass(frozen=True)
class Side:
    """One way to Orthanc: the URL, and what curl needs for it."""

    name: str
    url: str
    options: tuple[str, ...] = ()

    def curl(self, *arguments: str) -> str:
        """Run curl; return what it prints."""
        command = ["curl", "--silent", "--show-error", "--fail", "--http1.1", *self.options, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@dataclass(frozen=True)
class Measurement:
    """What is measured: C(run) returns how much was done, in C(unit)s."""

    name: str
    unit: str
    run: Callable[[Side], float]


def main() -> None:
    name, large, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    plain = Side("plain HTTP", "http://127.0.0.1:8042")
    trust = ("--cacert", f"{IDENTITY}/server-trust.pem", "--cert", f"{IDENTITY}/server.pem")
    tls = Side("nginx, mutual TLS", f"https://{name}", ("--connect-to", "::127.0.0.1:", *trust))
    instance = upload(plain, large)
    megabytes = large.stat().st_size / 1e6

    def uploaded(side: Side) -> float:
        upload(side, large)
        return megabytes

    def downloaded(side: Side) -> float:
        side.curl("--output", "/dev/null", f"{side.url}/instances/{instance}/file")
        return megabytes

    measurements = (
        Measurement("small requests", "1/s", small_requests),
        Measurement(f"uploads of {megabytes:.0f} MB", "MB/s", uploaded),
        Measurement(f"downloads of {megabytes:.0f} MB", "MB/s", downloaded),
    )
    print(f"{'':22}{'':6}{plain.name:>12}{tls.name:>20}{'ratio':>8}   (median of {rounds}, least and most)")
    for measurement in measurements:
        print(row(measurement, [(speed(measurement, plain), speed(measurement, tls)) for _round in range(rounds)]))


def upload(side: Side, file: Path) -> str:
    """Store the file and return Orthanc's identifier of it; what is there already is read and parsed again."""
    arguments = ("--header", "Expect:", "--request", "POST", "--upload-file", str(file))
    return str(json.loads(side.curl(*arguments, f"{side.url}/instances"))["ID"])


def small_requests(side: Side) -> float:
    """Ask for something small many times on a few connections."""
    together = ("--parallel", "--parallel-max", str(AT_ONCE), "--write-out", "%{http_code}\n", "--output", "/dev/null")
    answers = side.curl(*together, f"{side.url}/system?[1-{REQUESTS}]").splitlines()
    if answers != ["200"] * REQUESTS:
        raise SystemExit(f"{side.name}: {sorted(set(answers))} for {len(answers)} of {REQUESTS} requests")
    return REQUESTS


def speed(measurement: Measurement, side: Side) -> float:
    """How much was done in a second."""
    start = time.perf_counter()
    done = measurement.run(side)
    return done / (time.perf_counter() - start)


def row(measurement: Measurement, speeds: Sequence[tuple[float, float]]) -> str:
    """One line of the table."""
    plain, tls = (median(side) for side in zip(*speeds, strict=True))
    ratios = [second / first for first, second in speeds]
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    return f"{measurement.name:22}{measurement.unit:6}{plain:12.0f}{tls:20.0f}{median(ratios):8.2f}   {spread}"


if __name__ == "__main__":
    main()
