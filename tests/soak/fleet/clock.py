# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leaves of 90 days of two ages, and the clocks 45 days ahead: exactly the older ones are renewed.

Then the nodes' clocks are off, and the control node's is not: every node gets the error, and nothing is signed.

    clock.py folder
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from simulated import Simulated

PORT = 18443
LIFETIME = {"identity_lifetime": "90d"}
AHEAD = 45
YOUNGER = 20  # days: 65 of 90 are over for the older ones then, and 45 for the others


def planned(output: str) -> list[str]:
    """Return the hosts that the plan renews."""
    entry = re.search(r"((?:node\d+[,\s]*)+): \d steps(?: each)?;\s+Orthanc\s+restarts", output)
    return re.findall(r"node\d+", entry[1]) if entry else []


def main(folder: str) -> None:
    fleet = Simulated(Path(folder), 12, PORT)
    fleet.make()
    older, younger = fleet.hosts[::2], fleet.hosts[1::2]
    with fleet.serving():
        for hosts, day in ((older, 0), (younger, YOUNGER)):
            made = fleet.play("site", LIFETIME, "--limit", ",".join(hosts), ahead_days=day)
            assert made.status == 0, made.output[-3000:]
        for day, due in ((YOUNGER, []), (YOUNGER + AHEAD, older), (YOUNGER + AHEAD, [])):
            before = fleet.leaves()
            run = fleet.play("rotate", LIFETIME, ahead_days=day)
            assert run.status == 0, run.output[-3000:]
            renewed = [host for host, leaf in fleet.leaves().items() if leaf != before[host]]
            assert renewed == due == planned(run.output), run.output[-3000:]
            print(f"day {day}: renewed {len(renewed)}, left alone {len(before) - len(renewed)}")
        wrong = fleet.play("rotate", {**LIFETIME, "rotate_all": True}, ahead_days=YOUNGER + AHEAD, nodes_ahead=0)
        assert wrong.status == 2 and "more than an hour apart" in wrong.output, wrong.output[-3000:]
        assert all(f"fatal: [{host}]" in wrong.output for host in fleet.hosts)
    print("the nodes' clocks are off: each was told, and none was renewed")


if __name__ == "__main__":
    main(*sys.argv[1:])
