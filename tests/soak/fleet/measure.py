# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotate and roll over fleets of two sizes, and see that the control node's time and memory grow no faster than they.

measure.py folder 50 200
"""

from __future__ import annotations

import sys
from pathlib import Path

from simulated import Run, Simulated

PORT = 18442
TOLERANCE = 1.25  # what a node may cost more of the processor in the larger fleet
MEMORY_EACH = 1.0  # MiB of the largest process that a node more may cost

STORIES: dict[str, tuple[str, dict[str, object]]] = {
    "deploy": ("site", {}),
    "site, nothing to do": ("site", {}),
    "rotate, nothing due": ("rotate", {}),
    "rotate all": ("rotate", {"rotate_all": True}),
    "roll over": ("rollover", {"rollover_common_name": "Next CA"}),
    "roll over, nothing to do": ("rollover", {"rollover_common_name": "Next CA"}),
}


def runs(fleet: Simulated) -> dict[str, Run]:
    """Run every story once, and see that it did what it is called for on every node."""
    fleet.make()
    found = {}
    with fleet.serving():
        for story, (playbook, variables) in STORIES.items():
            before = fleet.leaves()
            found[story] = run = fleet.play(playbook, variables)
            assert run.status == 0, run.output[-5000:]
            renewed = sum(leaf != before.get(host) for host, leaf in fleet.leaves().items())
            assert renewed == (0 if "nothing" in story else fleet.size), f"{story}: {renewed} of {fleet.size}"
            print(
                f"{fleet.size:4} nodes, {story:25} {run.seconds:6.1f} s, processor {run.processor:6.1f} s, "
                f"{run.processor / fleet.size:5.2f} s a node, which itself takes {run.of_nodes / fleet.size:5.2f} s, "
                f"memory {run.memory:4.0f} MiB",
                flush=True,
            )
    return found


def main(folder: str, *sizes: str) -> None:
    small, large = (Simulated(Path(folder) / size, int(size), PORT) for size in sizes)
    of_small, of_large = runs(small), runs(large)
    for story in STORIES:
        few, many = of_small[story], of_large[story]
        ratio = (many.processor / large.size) / (few.processor / small.size)
        each = (many.memory - few.memory) / (large.size - small.size)
        print(f"{story:25} a node costs {ratio:.2f} times as much, and {each:.2f} MiB")
        assert ratio <= TOLERANCE, story
        assert each <= MEMORY_EACH, story


if __name__ == "__main__":
    main(*sys.argv[1:])
