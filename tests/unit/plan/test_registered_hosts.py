# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A play's hosts are those that the result of an earlier task names."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.filter.registered_hosts import registered_hosts

GROUPS = {"orthanc": ["b", "a", "c"]}


def chosen(hostvars: dict[str, dict[str, Any]], *keys: str) -> list[str]:
    return registered_hosts("orthanc", hostvars, GROUPS, "shown", keys)


def test_hosts_under_any_of_the_keys_are_chosen_in_the_order_of_the_group() -> None:
    shown = {"applies_to": ["a", "c"], "blocked": ["b"], "failures": {"c": "why"}}
    hostvars = {host: {"shown": shown} for host in "abc"}
    assert chosen(hostvars, "applies_to", "blocked") == ["b", "a", "c"]
    assert chosen(hostvars, "failures") == ["c"]


def test_where_there_are_none_the_pattern_matches_no_host() -> None:
    assert chosen({"a": {"shown": {"applies_to": []}}, "b": {}}, "applies_to") == ["orthanc:!orthanc"]
    assert chosen({}, "applies_to") == ["orthanc:!orthanc"]


def test_a_host_that_left_the_run_before_says_nothing_about_others() -> None:
    left = {"applies_to": ["a", "b", "c"]}
    assert chosen({"b": {"shown": left}, "a": {"shown": {"applies_to": ["a"]}}, "c": {"shown": {}}}, "applies_to") == [
        "b",
        "a",
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_a_gate_that_was_not_asked_updates_nobody_again(number: int) -> None:
    gate = {"update_2": ["b"]}
    assert registered_hosts("orthanc", {"b": {"rollover_gate": gate}}, GROUPS, "rollover_gate", ["update_2"]) == ["b"]
    assert registered_hosts(
        "orthanc", {"b": {"rollover_gate": gate}}, GROUPS, "rollover_gate", [f"update_{number}"]
    ) == ["orthanc:!orthanc"]
