# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as one self-contained HTML page. Jinja escapes everything that it is given."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path

import jinja2

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.model import FleetReport, ReportedEnd
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.picture import calls, circle, matrix

TEMPLATES = Path(__file__).resolve().parents[3] / "playbooks" / "templates"
_FIRST = 25
"""So many of a long list are shown at once, the rest on demand."""


def page(report: FleetReport) -> str:
    """Return the page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("report.html.j2")
    furthest = max((_days(end.not_after, report) for end in report.ends), default=1.0)
    return template.render(
        report=report,
        circle=circle(report),
        matrix=matrix(report),
        calls=calls(report),
        first=_FIRST,
        place=lambda instant: _place(_days(instant, report), furthest),
        left=lambda end: _left(end, report),
        day=lambda instant: instant.partition("T")[0],
    )


def _days(instant: str, report: FleetReport) -> float:
    until: datetime = parse_utc(instant)
    return max(0.0, (until - parse_utc(report.made_at)).total_seconds() / 86400)


def _place(days: float, furthest: float) -> float:
    """Return a place between 0 and 100: what is near takes more room than what is far."""
    return round(100 * math.log1p(days) / math.log1p(max(furthest, 1.0)), 1)


def _left(end: ReportedEnd, report: FleetReport) -> str:
    days = int(_days(end.not_after, report))
    if end.state == "expired":
        return "expired"
    if days >= 730:
        return f"{days // 365} years"
    return f"{days} day{'s' * (days != 1)}"
