# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of each run says how the fleet stands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.standing import standing_lines

HELD = {"why": "the CT refuses it", "since": "2026-11-28T03:00:00Z", "generation": "x"}


def test_a_fleet_that_came_through_whole_takes_one_line() -> None:
    assert standing_lines(["a", "b"], {"a": {}, "b": {}}, ["a", "b"]) == [
        "The fleet has 2 nodes: 2 came through this run."
    ]


def test_the_certificate_that_expires_first_is_named_with_its_node() -> None:
    ends = {"a": "2027-05-27T09:11:45Z", "b": "2027-05-26T00:00:00Z", "c": "2027-06-01T00:00:00Z"}
    assert standing_lines([*ends], {host: {} for host in ends}, [*ends], ends) == [
        "The fleet has 3 nodes: 3 came through this run.",
        "The next certificate to expire: b, on 2027-05-26T00:00:00Z.",
    ]


def test_nodes_that_did_not_come_through_are_named_and_those_outside_the_limit_counted() -> None:
    assert standing_lines(["a", "b", "c"], {"a": {}}, ["a", "b"]) == [
        "The fleet has 3 nodes: 1 came through this run; 1 failed, blocked or",
        "unreachable (b); 1 outside --limit.",
    ]


@pytest.mark.parametrize(
    "variables",
    [
        {"identity_result": {"held": HELD}},
        {"rollover_updated": {"held": HELD}},
        {"orthanc_plan": {"identity": {"held": HELD}}},
        {"rollover_look": {"identity": {"held": HELD}}},
    ],
)
def test_a_held_node_waits_until_it_is_released(variables: dict[str, Any]) -> None:
    lines = standing_lines(["a"], {"a": variables}, ["a"])
    assert lines[1] == "Waiting: a is held (the CT refuses it), until it is released."


def test_a_node_that_this_run_has_released_does_not_wait() -> None:
    variables = {"identity_result": {"held": None}, "orthanc_plan": {"identity": {"held": HELD}}}
    assert len(standing_lines(["a"], {"a": variables}, ["a"])) == 1


def test_a_certificate_that_waits_for_its_peers_is_named() -> None:
    lines = standing_lines(["a"], {"a": {"identity_result": {"held": None, "waiting_sha256": "ab"}}}, ["a"])
    assert lines[1] == "Waiting: the new certificate of a, until all who must trust it do."


@given(st.text(max_size=300), st.lists(st.text("abc-", min_size=1, max_size=20), max_size=30, unique=True))
def test_what_a_node_says_commands_no_terminal(why: str, lost: list[str]) -> None:
    seen = {"held": {"identity_result": {"held": {"why": why}}}}
    assert all(line.isprintable() for line in standing_lines(["held", *lost], seen, ["held", *lost], {"held": why}))
