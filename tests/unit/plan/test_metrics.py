# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan does about the metrics of a node: nothing where they are off, and what it needs is in the one look."""

from __future__ import annotations

from dataclasses import replace

import pytest
from seen_node import node_of, unit
from wanted_nodes import PACKAGES, Texts, applied, wanted

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import ManagedFile
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.units import UnitState
from ansible_collections.openimaging.orthanc.plugins.module_utils.metrics import places
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.look_request import look_request
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.metrics_folder import (
    metrics_blockers,
    metrics_dir,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.steps import steps
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.stories import STORIES
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import WantedNode, wanted_node

FOLDER = "/var/lib/prometheus/node-exporter"


def with_metrics() -> WantedNode:
    return wanted_node(node_of(), PACKAGES, Texts(), metrics=FOLDER)


def running(**changes: UnitState) -> NodeLook:
    """Return a look at a node with a timer as it should be, but for some units."""
    look = applied(with_metrics())
    units = dict.fromkeys((places.TIMER_UNIT, places.SERVICE_UNIT), unit("/usr/bin/python3"))
    return replace(look, units={**look.units, **units, **changes}, files={**look.files, FOLDER: ManagedFile("folder")})


def test_with_metrics_off_a_look_asks_for_their_files_and_nothing_is_done() -> None:
    want = wanted()
    request = look_request(want, None, 0)
    assert {*places.FILES} <= {*request["files"]} and places.TIMER_UNIT not in request["units"]
    assert steps(want, applied(want)) == []


def test_a_timer_that_runs_as_it_should_is_left_alone() -> None:
    request = look_request(with_metrics(), None, 0)
    assert {*places.FILES, FOLDER} <= {*request["files"]} and places.TIMER_UNIT in request["units"]
    assert steps(with_metrics(), running()) == []


def test_switched_on_its_files_are_written_and_nothing_is_restarted() -> None:
    look = running()
    found = steps(
        with_metrics(), replace(look, files={**look.files, **dict.fromkeys(places.FILES, ManagedFile("missing"))})
    )
    assert [(step.part, step.what, step.interruption, step.loads) for step in found] == [
        ("metrics", "write orthanc-metrics.py, orthanc-metrics.service, orthanc-metrics.timer", "none", None)
    ]


@pytest.mark.parametrize("name", [places.TIMER_UNIT, places.SERVICE_UNIT])
def test_units_that_systemd_has_not_read_again_are_started_anew(name: str) -> None:
    stale = replace(unit("/usr/bin/python3"), needs_reload=True)
    (step,) = steps(with_metrics(), running(**{name: stale}))
    assert step.what == "start orthanc-metrics.timer"


def test_a_timer_that_was_stopped_is_started() -> None:
    stopped = replace(unit("/usr/bin/python3"), active_state="inactive")
    (step,) = steps(with_metrics(), running(**{places.TIMER_UNIT: stopped}))
    assert step.what == "start orthanc-metrics.timer"


def test_switched_off_what_is_left_is_removed() -> None:
    want = wanted()
    look = applied(want)
    there = {**look.files, places.SERVICE: ManagedFile("file")}
    (step,) = steps(want, replace(look, files=there))
    assert (step.part, step.what) == ("metrics", "remove orthanc-metrics.service")


def test_a_revocation_and_the_front_end_alone_leave_it_as_it_is() -> None:
    look = running()
    gone = replace(look, files={**look.files, **dict.fromkeys(places.FILES, ManagedFile("missing"))})
    assert STORIES["revoke"].steps(with_metrics(), gone, news=False) == []
    assert wanted_node(node_of(), PACKAGES, Texts(), part="frontend", metrics=FOLDER).retired == ()


@pytest.mark.parametrize(("kind", "blocked"), [("missing", True), ("file", True), ("folder", False), ("link", False)])
def test_a_folder_that_is_not_there_blocks_before_anything_is_changed(kind: str, blocked: bool) -> None:
    look = replace(running(), files={FOLDER: ManagedFile(kind)})
    assert [FOLDER in said for said in metrics_blockers(FOLDER, look)] == [True] * blocked
    assert list(metrics_blockers("", look)) == []


@pytest.mark.parametrize("value", ["relative", "/a b", "/a%h", '/a"b', "/a\n", "//", "/$HOME"])
def test_a_path_with_characters_that_mean_something_to_systemd_is_refused(value: str) -> None:
    with pytest.raises(TypeError, match="absolute path"):
        metrics_dir(value)


@pytest.mark.parametrize(("value", "read"), [(None, ""), ("", ""), (FOLDER, FOLDER), (f"{FOLDER}/", FOLDER)])
def test_a_path_is_read_with_or_without_a_slash_at_its_end(value: str | None, read: str) -> None:
    assert metrics_dir(value) == read
