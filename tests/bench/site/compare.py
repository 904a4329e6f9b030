# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""site.yml of this version beside that of an earlier one, on two equal sets of nodes, in turn on the same machine.

compare.py [rounds]: a first deployment of each, then so many runs with nothing to do of each, by default 5.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
EARLIER = "4167a34"
EARLIER_FOLDER = ROOT / ".cache" / f"earlier-{EARLIER}"
LOG = ROOT / ".cache" / "bench-site.log"


@dataclass(frozen=True)
class Took:
    """What a run took of the clock and of the control node's processor, in seconds, and the lines that it printed."""

    seconds: float
    processor: float
    lines: int


@dataclass(frozen=True)
class FleetOfThree:
    """Three nodes, and the version of the collection that manages them."""

    name: str
    number: str
    environment: Mapping[str, str]

    def nodes(self, playbook: str) -> None:
        """Bring the nodes up, or take them down."""
        self._play(str(ROOT / "tests" / "nodes" / f"{playbook}.yml"), {})

    def site(self) -> Took:
        """Run site.yml."""
        return self._play("openimaging.orthanc.site", self.environment)

    def _play(self, playbook: str, environment: Mapping[str, str]) -> Took:
        program = Path(sys.executable).with_name("ansible-playbook")
        begun = time.monotonic()
        with open(LOG, "w+") as log:
            process = subprocess.Popen(
                [program, "--inventory", HERE / "inventory.yml", playbook],
                env={**os.environ, "SET": self.number, "ANSIBLE_NOCOLOR": "1", **environment},
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            _pid, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            log.seek(0)
            said = log.read()
        if process.returncode:
            sys.exit(f"{self.name}: {playbook} ended with {process.returncode}:\n{said[-3000:]}")
        lines = sum(bool(line.strip()) for line in said.splitlines())
        return Took(time.monotonic() - begun, usage.ru_utime + usage.ru_stime, lines)


def main(rounds: int = 5) -> None:
    """Measure and print."""
    subprocess.run([ROOT / "tests" / "earlier.sh", EARLIER, EARLIER_FOLDER], check=True)
    only = {"ANSIBLE_COLLECTIONS_PATH": str(EARLIER_FOLDER), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}
    earlier, now = FleetOfThree(EARLIER, "84", only), FleetOfThree("this version", "85", {})
    try:
        for fleet in (earlier, now):
            fleet.nodes("up")
        compared("a first deployment", [(earlier.site(), now.site())])
        compared("nothing to do", [(earlier.site(), now.site()) for _round in range(rounds)])
    finally:
        for fleet in (earlier, now):
            fleet.nodes("down")


def compared(story: str, pairs: list[tuple[Took, Took]]) -> None:
    """Print the median of each figure, and the ratio of this version to the earlier one."""
    figures: dict[str, Callable[[Took], float]] = {
        "seconds": lambda took: took.seconds,
        "seconds of processor": lambda took: took.processor,
        "lines": lambda took: took.lines,
    }
    for figure, of in figures.items():
        before, after = (statistics.median(of(pair[side]) for pair in pairs) for side in (0, 1))
        print(f"{story}, {figure}: {before:.1f} at {EARLIER}, {after:.1f} now, ratio {after / before:.2f}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
