# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan says what somebody would wonder about, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from seen_node import faulted, healthy, looked

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.made_by_hand import HandMade
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import ManagedFile
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.hints import dicom_hints, hints

EDITED = HandMade((), (), in_vain=("/etc/orthanc/orthanc.json", "/etc/orthanc/x\n.json"))
UNMANAGED = {**healthy()["files"], location.SETTINGS: ManagedFile("missing")}


def test_a_file_that_was_edited_in_vain_is_named_with_where_the_edit_belongs() -> None:
    (hint,) = hints(looked(made_by_hand=EDITED))
    assert "does not read '/etc/orthanc/orthanc.json', '/etc/orthanc/x\\n.json'" in hint
    assert "orthanc_config" in hint


def test_nothing_is_said_of_a_node_without_such_an_edit_or_before_a_run_has_taken_it_over() -> None:
    assert hints(looked()) == []
    assert hints(looked(**faulted("made_by_hand"))) == []
    assert hints(looked(made_by_hand=EDITED, files=UNMANAGED)) == []


WRITES = [{"part": "identity", "what": "new key"}, {"part": "Orthanc", "what": "write orthanc.json"}]


def test_a_plan_for_orthanc_says_that_its_dicom_port_answers_everybody_and_what_closes_it() -> None:
    (hint,) = dicom_hints(WRITES, {})
    assert hint.startswith("The DICOM port answers everybody. DicomAlwaysAllowStore: false and DicomCheckModalityHost")


@pytest.mark.parametrize(("steps", "config"), [(WRITES, {"DicomAlwaysAllowStore": False}), (WRITES[:1], {}), ([], {})])
def test_a_closed_dicom_port_and_a_plan_that_leaves_orthanc_alone_take_no_line(
    steps: list[dict[str, Any]], config: dict[str, Any]
) -> None:
    assert dicom_hints(steps, config) == []
