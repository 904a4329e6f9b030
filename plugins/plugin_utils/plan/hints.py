# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run neither does nor needs, and a person would want to know of a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.known_issuers import shown, some
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.dicom_access import CLOSES_IT, answers_everybody
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.orthanc_blockers import is_managed


def hints(look: NodeLook) -> list[str]:
    """Return a sentence or two for each thing to know."""
    seen = look.made_by_hand
    if seen is None or not seen.in_vain or not is_managed(look):
        return []
    files = some([shown(file) for file in seen.in_vain])
    return [
        f"Orthanc does not read {files}, edited since its configuration was last written. Put the change into "
        "orthanc_config in the inventory, and undo the edit."
    ]


def dicom_hints(steps: Sequence[Mapping[str, Any]], config: Mapping[str, Any]) -> list[str]:
    """Return what a run that writes Orthanc's configuration leaves open; C(config) is orthanc_config."""
    if not answers_everybody(config) or not any(step["part"] == "Orthanc" for step in steps):
        return []
    return [f"The DICOM port answers everybody. {CLOSES_IT}"]
