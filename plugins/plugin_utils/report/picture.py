# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet as a picture: who calls whom. Coordinates only; the page draws them and escapes every name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.model import (
    OK,
    FleetReport,
    ReportedLink,
    ReportedNode,
)

MOST_IN_CIRCLE = 40
_MOST_LABELLED = 120
_UPRIGHT = 14
_LONGEST_LABEL = 24


@dataclass(frozen=True)
class Dot:
    """A node in the circle; C(turn) turns its label, C(anchor) says on which side of the label it is."""

    name: str
    label: str
    state: str
    inside: bool
    x: float
    y: float
    label_x: float
    label_y: float
    turn: float
    anchor: str


@dataclass(frozen=True)
class Line:
    """A link in the circle, as the path of an SVG."""

    link: ReportedLink
    path: str


@dataclass(frozen=True)
class Circle:
    """A picture of few nodes."""

    width: int
    height: int
    dots: Sequence[Dot]
    lines: Sequence[Line]


@dataclass(frozen=True)
class Matrix:
    """A picture of many nodes: callers are rows, in the same order as the columns; C(paths) are cells by state."""

    size: int
    cell: int
    margin: int
    names: Sequence[str]
    paths: Mapping[str, str]


def circle(report: FleetReport) -> Circle | None:
    """Return the picture of a fleet that is small enough for it."""
    outside = list(dict.fromkeys(link.target for link in report.links if not link.inside))
    names = [*(node.host for node in report.nodes), *outside]
    if len(names) > MOST_IN_CIRCLE:
        return None
    states = {node.host: node.state for node in report.nodes}
    radius = max(130, 8 * len(names))
    room = 34 + 8 * min(_LONGEST_LABEL, max(map(len, names)) + 4)
    margin_x, margin_y = room, 44 if len(names) <= _UPRIGHT else room
    width, height = 2 * (radius + margin_x), 2 * (radius + margin_y)
    dots = {
        name: _dot(name, place, len(names), radius, (width / 2, height / 2), states.get(name, OK), name in states)
        for place, name in enumerate(names)
    }
    lines = [Line(link, _path(dots[link.source], dots[link.target], (width / 2, height / 2))) for link in report.links]
    return Circle(width, height, list(dots.values()), lines)


def _dot(name: str, place: int, of: int, radius: float, centre: tuple[float, float], state: str, inside: bool) -> Dot:
    angle = -math.pi / 2 + 2 * math.pi * place / of
    along, down = math.cos(angle), math.sin(angle)
    x, y = centre[0] + radius * along, centre[1] + radius * down
    left = along < -0.01
    if of <= _UPRIGHT:
        middle = abs(along) < 0.3
        anchor = "middle" if middle else "end" if left else "start"
        label_x, label_y = (x, y + (30 if down > 0 else -20)) if middle else (x + (-18 if left else 18), y + 5)
        turn = 0.0
    else:
        anchor = "end" if left else "start"
        label_x, label_y = x + 16 * along, y + 16 * down
        turn = math.degrees(angle) + (180 if left else 0)
    label = name if len(name) <= _LONGEST_LABEL else f"{name[: _LONGEST_LABEL - 1]}\N{HORIZONTAL ELLIPSIS}"
    return Dot(
        name,
        label,
        state,
        inside,
        round(x, 1),
        round(y, 1),
        round(label_x, 1),
        round(label_y, 1),
        round(turn, 1),
        anchor,
    )


def _path(source: Dot, target: Dot, centre: tuple[float, float]) -> str:
    """Bend the line so that both directions of a pair are seen, and end it where the target's dot begins."""
    across, down = target.x - source.x, target.y - source.y
    length = math.hypot(across, down) or 1.0
    bend = min(26.0, length * 0.12)
    bend_x = (source.x + target.x) / 2 - down / length * bend + (centre[0] - (source.x + target.x) / 2) * 0.12
    bend_y = (source.y + target.y) / 2 + across / length * bend + (centre[1] - (source.y + target.y) / 2) * 0.12
    ends = []
    for dot in (source, target):
        away = math.hypot(bend_x - dot.x, bend_y - dot.y) or 1.0
        ends.append((dot.x + (bend_x - dot.x) / away * 13, dot.y + (bend_y - dot.y) / away * 13))
    (x1, y1), (x2, y2) = ends
    return f"M{x1:.1f} {y1:.1f}Q{bend_x:.1f} {bend_y:.1f} {x2:.1f} {y2:.1f}"


def matrix(report: FleetReport) -> Matrix:
    """Return the picture of a large fleet; calls of servers outside it are not in it."""
    places = {node.host: place for place, node in enumerate(report.nodes)}
    labelled = len(places) <= _MOST_LABELLED
    cell, margin = (12, 12 + 6 * min(26, max(map(len, places)))) if labelled else (3, 0)
    cells: dict[str, dict[int, list[int]]] = {}
    for link in report.links:
        if link.target in places:
            cells.setdefault(link.state, {}).setdefault(places[link.source], []).append(places[link.target])
    paths = {state: "".join(_cells(rows, cell)) for state, rows in cells.items()}
    return Matrix(cell * len(places), cell, margin, list(places) if labelled else [], paths)


def _cells(rows: Mapping[int, Sequence[int]], cell: int) -> Iterator[str]:
    """Yield the cells of each row; neighbours are one rectangle."""
    for row, columns in sorted(rows.items()):
        first = last = -2
        for column in [*sorted(columns), -1]:
            if column == last + 1:
                last = column
                continue
            if last >= 0:
                yield f"M{first * cell} {row * cell}h{(last - first + 1) * cell}v{cell}h-{(last - first + 1) * cell}z"
            first = last = column


@dataclass(frozen=True)
class CallsOf:
    """The calls of one host, for those who read rather than look."""

    node: ReportedNode
    works: Sequence[ReportedLink]
    others: Sequence[ReportedLink]


def calls(report: FleetReport) -> list[CallsOf]:
    """Return the calls of every host that has any."""
    by_source: dict[str, list[ReportedLink]] = {}
    for link in report.links:
        by_source.setdefault(link.source, []).append(link)
    return [
        CallsOf(
            node,
            [link for link in by_source[node.host] if link.state == "works"],
            [link for link in by_source[node.host] if link.state != "works"],
        )
        for node in report.nodes
        if node.host in by_source
    ]
