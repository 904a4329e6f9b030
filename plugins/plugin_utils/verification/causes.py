# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which failures of a verification are causes, and which follow from them, across all nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.expectations import OWN
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check

_INTERMEDIARY = 500
"""From this HTTP status on, the one who answers says that something behind it failed."""


@dataclass(frozen=True)
class Cause:
    """A failure that follows from no other one, the same of other hosts with it, and what follows from them."""

    rows: tuple[Check, ...]
    follow: tuple[Check, ...]


def causes(rows: Sequence[Check]) -> list[Cause]:
    """Return the causes of all failures, in the order of C(rows): each failure is in one of them."""
    failed = {(row.host, row.name): row for row in rows if row.fails}
    roots = {key: _root(row, failed) for key, row in failed.items()}
    found: dict[tuple[str | None, ...], list[list[Check]]] = {}
    for key, row in failed.items():
        root = roots[key]
        asks = "itself" if root.asks == root.host else root.asks
        together = found.setdefault((root.name, root.expected, root.seen, asks), [[], []])
        together[0 if root is row else 1].append(row)
    return [Cause(tuple(own), tuple(follow)) for own, follow in found.values()]


def _root(row: Check, failed: Mapping[tuple[str, str], Check]) -> Check:
    """Follow a failure to what it comes from; nothing rests on itself, so that this ends."""
    passed = {(row.host, row.name)}
    while (cause := _cause(row, failed)) is not None and (cause.host, cause.name) not in passed:
        row = cause
        passed.add((row.host, row.name))
    return row


def _cause(row: Check, failed: Mapping[tuple[str, str], Check]) -> Check | None:
    candidates = [failed.get((row.host, name)) for name in row.rests_on]
    if row.asks not in (None, row.host) and not row.relayed and not row.refusal:
        candidates.append(failed.get((str(row.asks), OWN)))
    return next((other for other in candidates if other is not None and _follows(row, other)), None)


def _follows(row: Check, other: Check) -> bool:
    """Whether a failure comes from another one. Where a refusal was expected, an answer is a fault of its own."""
    if row.refusal:
        return row.status is None or row.status >= 400
    return row.symptom == other.symptom or (row.status is not None and row.status >= _INTERMEDIARY)
