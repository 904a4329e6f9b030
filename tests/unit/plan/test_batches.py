# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many nodes are changed at a time, and what each batch says of how many are done, to do and failed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.filter.fleet import batches
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.batches import batch_lines, batch_sizes


def test_a_batch_says_how_far_the_run_is() -> None:
    assert batch_lines(["b", "c"], ["a", "b", "c", "d"], ["a", "b", "c", "d"]) == [
        "4 nodes: 1 done, 0 failed, 2 now (b, c), 1 to do after that."
    ]


def test_what_has_failed_is_not_done() -> None:
    assert batch_lines(["c"], ["a", "b", "c"], ["b", "c"]) == [
        "3 nodes: 1 done, 1 failed, 1 now (c), 0 to do after that."
    ]


def test_a_node_that_failed_before_its_turn_is_not_to_do() -> None:
    assert batch_lines(["a"], ["a", "b", "c"], ["a", "c"]) == [
        "3 nodes: 0 done, 1 failed, 1 now (a), 1 to do after that."
    ]


def test_a_run_of_one_batch_needs_no_such_line() -> None:
    assert batch_lines(["a", "b"], ["a", "b"], ["a", "b"]) == []


@given(st.integers(2, 60), st.data())
def test_all_nodes_are_counted_once(size: int, data: st.DataObject) -> None:
    hosts = [f"edge{number}" for number in range(size)]
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first + 1, size))
    batch = hosts[first:last]
    others = hosts[:first] + hosts[last:]
    failed = data.draw(st.sets(st.sampled_from(others))) if others else set()
    lines = batch_lines(batch, hosts, [host for host in hosts if host not in failed])
    if len(batch) < size:
        numbers = re.findall(r"(\d+) (?:done|failed|now|to do)", " ".join(line.strip() for line in lines))
        assert sum(map(int, numbers)) == size
        assert all(len(line) <= 80 for line in lines)


def planned(*, new: bool, steps: int = 1, blocked: bool = False) -> dict[str, Any]:
    return {"orthanc_plan": {"is_new": new, "steps": [{}] * steps, "blockers": ["why"] * blocked}}


def test_one_node_comes_first_and_then_30_percent_at_a_time() -> None:
    assert batches({"orthanc": ["a", "b"]}, {"a": planned(new=True), "b": planned(new=False)}) == [1, "30%"]
    assert batches({"orthanc": ["a", "b"]}, {"a": {}, "b": {}}) == [1, "30%"]
    assert batches({}, {}) == [1, "30%"], "a syntax check"


@pytest.mark.parametrize("other", [{"steps": 0}, {"blocked": True}], ids=["has nothing to do", "is blocked"])
def test_where_all_that_are_changed_are_new_one_comes_first_and_then_all_the_others(other: dict[str, Any]) -> None:
    hostvars = {"a": planned(new=True), "b": planned(new=True), "c": planned(new=False, **other)}
    assert batches({"orthanc": ["a", "b", "c"]}, hostvars) == [1, "100%"]


@pytest.mark.parametrize(
    ("said", "sizes"), [([2, "50%"], [2, "50%"]), ("2,50%", ["2", "50%"]), (3, [3]), ("100%", ["100%"])]
)
def test_the_inventory_says_how_many_at_a_time_in_every_notation(said: Any, sizes: list[Any]) -> None:
    new = planned(new=True)
    assert batch_sizes({"a": {"orthanc_batches": said, **new}, "b": new}, ["a", "b"]) == sizes


@pytest.mark.parametrize("said", [[], "", "some", [0], ["30 %"], [True], ["1", None], {"first": 1}])
def test_what_is_no_batch_size_is_refused_with_host_and_variable(said: Any) -> None:
    with pytest.raises(OrthancTlsError, match=r"^b: orthanc_batches is .*; expected a list of numbers and percentages"):
        batch_sizes({"a": {}, "b": {"orthanc_batches": said}}, ["a", "b"])


def test_two_values_in_one_group_are_refused_with_both_hosts() -> None:
    with pytest.raises(OrthancTlsError, match=r"is \[1\] for a and \[2\] for b; expected one value for the group"):
        batch_sizes({"a": {"orthanc_batches": 1}, "b": {"orthanc_batches": [2]}}, ["a", "b"])
