# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare a node's outages by rotations with those by plain restarts, and find what failed beside them.

    outages.py result.json turns.json node

Orthanc takes from half a second to two seconds to stop, by chance: several of its threads look from time to time only
whether they are to end. What is compared is what an outage would be if Orthanc always took the median of these times.

Fails where the medians differ by more than a tenth, where a turn had not exactly one outage, where the node was asked
less than 2,000 times, or where a request failed while no Orthanc was restarted that it needs.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

RATIO = 1.1
ASKED = 2000

Gap = tuple[float, float]


def joined(gaps: Iterable[Gap]) -> list[Gap]:
    """Join the gaps of all that asked one node where they overlap."""
    found: list[Gap] = []
    for begin, end in sorted(gaps):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def outages(asked: list[dict[str, Any]], node: str) -> list[Gap]:
    """Return when the node gave no answer to requests with a handshake of their own."""
    own = [one for one in asked if one["name"] == node and one["kind"] == "fresh"]
    return joined((begin, end) for one in own for begin, end in one["gaps"])


def by_kind(gaps: list[Gap], turns: list[dict[str, Any]], node: str) -> dict[str, list[tuple[float, float]]]:
    """Return how long each turn's outage of the node was, and how long Orthanc took to stop; every turn has one."""
    found: dict[str, list[tuple[float, float]]] = {"restart": [], "rotation": []}
    for turn, after in pairwise([*turns, {"begun": float("inf")}]):
        here = [gap for gap in gaps if turn["begun"] <= gap[1] < after["begun"]]
        if turn.get("host", node) == node:
            assert len(here) == 1, f"{turn}: {len(here)} outages of {node}: {here}"
            found[turn["kind"]] += [(end - begin, turn["stopping"]) for begin, end in here]
        else:
            assert not here, f"{node} gave no answer while only {turn['host']} was restarted: {here}"
    return found


def beside(asked: list[dict[str, Any]]) -> list[str]:
    """Name who got no answer while neither the node that was asked nor its peer was away."""
    own = {one["name"]: outages(asked, one["name"]) for one in asked if " calls " not in one["name"]}
    found = []
    for one in asked:
        names = one["name"].split(" calls ")
        away = joined(gap for name in names for gap in own[name])
        for begin, end in one["gaps"]:
            if not any(left <= end and begin <= right for left, right in away):
                found.append(f"{one['name']}: {begin} to {end}")
    return found


def main(result: str, turns: str, node: str) -> None:
    asked = json.loads(Path(result).read_text())["asked"]
    seconds = by_kind(outages(asked, node), json.loads(Path(turns).read_text()), node)
    stopping = statistics.median(stopped for values in seconds.values() for _away, stopped in values)
    medians = {
        kind: stopping + statistics.median(away - stopped for away, stopped in seconds[kind]) for kind in seconds
    }
    ratio = medians["rotation"] / medians["restart"]
    total = sum(one["ok"] for one in asked if one["name"] == node)
    for kind, values in seconds.items():
        each = ", ".join(f"{away:.2f} with {stopped:.2f}" for away, stopped in values)
        print(f"{node}: {kind} {medians[kind]:.2f} s with {stopping:.2f} s to stop ({each})")
    print(f"{node}: ratio {ratio:.2f}, {total} requests answered")
    assert not beside(asked), beside(asked)
    assert total >= ASKED, f"{node} was asked {total} times only"
    assert ratio <= RATIO, f"the rotation's outage is {ratio:.2f} times the restart's"


if __name__ == "__main__":
    main(*sys.argv[1:])
