# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as JSON: docs/report-schema.json describes it, and its version says where it changes."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.model import FleetReport

VERSION = 1
"""Grows where a key is removed or means something else; a new key leaves it as it is."""


def as_data(report: FleetReport) -> dict[str, Any]:
    """Return the report as the file has it."""
    return {"schema_version": VERSION, "well": report.well, "sentence": report.sentence, **asdict(report)}


def as_json(report: FleetReport) -> str:
    """Return the text of the file."""
    return json.dumps(as_data(report), indent=1, ensure_ascii=True) + "\n"
