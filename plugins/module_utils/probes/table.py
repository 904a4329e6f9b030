# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of probes as a text table (standard library only)."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.run import Result, expected

_GAP = "  "


def full_table(results: Sequence[Result]) -> str:
    """Show every result in a row, with its verdict first."""
    rows = [("", "probe", "expected", "seen")]
    rows += [(_verdict(result), *_cells(result)) for result in results]
    return aligned(rows)


def failure_report(results: Sequence[Result]) -> str:
    """Show what is not as expected, and how many that are."""
    wrong = [result for result in results if result.fails]
    table = aligned([("probe", "expected", "seen"), *(_cells(result) for result in wrong)])
    return f"{table}\n\n{len(wrong)} of {len(results)} probes not as expected."


def failure_sentences(results: Sequence[Result]) -> str:
    """Say in one line how many are not as expected, and of each what was expected and seen."""
    wrong = [_cells(result) for result in results if result.fails]
    each = [f"{name}: expected {expects}, seen {seen}." for name, expects, seen in wrong]
    return " ".join([f"{len(wrong)} of {len(results)} probes not as expected.", *each])


def _verdict(result: Result) -> str:
    return "NO" if result.fails else "ok" if result.ok else "--"


def _cells(result: Result) -> tuple[str, str, str]:
    return result.probe.name, expected(result.probe), result.seen


def aligned(rows: Sequence[tuple[str, ...]]) -> str:
    """Set rows in columns."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
