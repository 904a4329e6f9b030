# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report in a few lines on the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import WIDTH
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.model import FleetReport

_MOST = 12


def text_lines(report: FleetReport, files: Sequence[str]) -> list[str]:
    """Return the sentence, what is wrong with what to do, the first end, and where the files are."""
    lines = [*_wrapped(report.sentence)]
    for fault in report.faults[:_MOST]:
        lines += _wrapped(f"{', '.join(fault.hosts[:8]) or 'fleet'}: {fault.what}: {fault.seen}", "  ")
        lines += _wrapped(f"  what to do: {fault.remedy}", "    ") if fault.remedy else []
    if len(report.faults) > _MOST:
        lines.append(f"{len(report.faults) - _MOST} more are on the page.")
    lines += _rest(report)
    return [*lines, *(f"Written: {file}" for file in files)]


def _rest(report: FleetReport) -> Iterator[str]:
    if report.ends:
        end = report.ends[0]
        by = f"renewed by {end.renewed_by}" if end.renewed_by else "renewed by nobody"
        yield from _wrapped(f"The first to expire: the {end.what} of {end.holder}, on {end.not_after}, {by}.")
    for notice in report.notices:
        yield from _wrapped(notice)


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
