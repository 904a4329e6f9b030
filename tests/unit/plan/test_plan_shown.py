# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person who reads the plan knows what will be done, why, and what it interrupts, on one screen."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import (
    applies_to,
    forgotten_root,
    plan_lines,
    planned,
)


def step(part: str, what: str, why: str = "it is new", interruption: str = "none") -> dict[str, Any]:
    return {"part": part, "what": what, "why": why, "interruption": interruption}


def plan(*steps: dict[str, Any], blockers: tuple[str, ...] = (), hints: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"steps": list(steps), "blockers": list(blockers), "hints": list(hints)}


def test_what_is_done_why_and_what_it_interrupts_is_said_of_each_node() -> None:
    restart = step("Orthanc", "restart", "to load the changes", "restart")
    identity = step("identity", "new key and certificate", "the certificate is due for renewal")
    assert plan_lines({"edge1": plan(identity, restart)}) == [
        "edge1: 2 steps; Orthanc restarts, about a second",
        "  - identity: new key and certificate (the certificate is due for renewal)",
        "  - Orthanc: restart (to load the changes)",
    ]


def test_nodes_with_nothing_to_do_are_counted_and_named_in_one_sentence() -> None:
    assert plan_lines({"a": plan(), "b": plan()}) == ["Nothing to do on all 2 nodes."]
    assert plan_lines({"a": plan()}) == ["Nothing to do on this node."]
    lines = plan_lines({"a": plan(step("identity", "x")), "b": plan(), "c": plan()})
    assert lines[-1] == "Nothing to do on 2 of 3 nodes: b, c."


def test_a_blocked_node_is_named_with_what_to_do_and_not_with_steps() -> None:
    lines = plan_lines({"a": plan(step("identity", "x"), blockers=("Port 443 is held by apache2.",))})
    assert lines == ["a: blocked, nothing will be changed", "  - Port 443 is held by apache2."]


def test_what_is_to_know_of_several_nodes_comes_last_and_once() -> None:
    known = plan(step("identity", "x"), hints=("Orthanc does not read a\x1b[2J.",))
    assert plan_lines({"a": known, "b": plan(), "c": {**known, "steps": []}})[-3:] == [
        "Nothing to do on 2 of 3 nodes: b, c.",
        "a, c: to know",
        "  - Orthanc does not read a\\x1b[2J.",
    ]


@given(st.lists(st.text("ab c-", min_size=1, max_size=30), max_size=40))
def test_no_line_is_longer_than_a_screen_of_80_columns(words: list[str]) -> None:
    text = " ".join(words)
    assert all(len(line) <= 80 for line in plan_lines({"a": plan(step("identity", text, text)), "b": plan()}))


def test_nodes_with_equal_plans_are_told_of_together() -> None:
    one, other = plan(step("identity", "x")), plan(step("identity", "y"))
    assert plan_lines({"a": one, "b": other, "c": one, "d": plan(blockers=("z",)), "e": plan(blockers=("z",))}) == [
        "a, c: 1 step each; nothing is interrupted",
        "  - identity: x (it is new)",
        "b: 1 step; nothing is interrupted",
        "  - identity: y (it is new)",
        "d, e: blocked, nothing will be changed",
        "  - z",
    ]
    lines = plan_lines({f"node{number}.example.org": one for number in range(100)})
    assert len(lines) < 40 and all(len(line) <= 80 for line in lines)


def test_a_fleet_of_a_hundred_nodes_with_nothing_to_do_takes_a_line() -> None:
    assert len(plan_lines({f"node{number}": plan() for number in range(100)})) == 1


def test_a_node_cannot_command_the_terminal() -> None:
    evil = "it belongs to \x1b[2Jroot\r\n\u202eevil"
    text = "\n".join(plan_lines({"a": plan(step("Orthanc", "write a", evil)), "b": plan(blockers=(evil,))}))
    assert "\x1b" not in text and "\r" not in text and "\u202e" not in text and "\\x1b[2Jroot" in text


def test_only_nodes_with_steps_take_part() -> None:
    hostvars: dict[str, dict[str, Any]] = {
        "a": {"orthanc_plan": plan(step("identity", "x"))},
        "b": {"orthanc_plan": plan()},
        "c": {"orthanc_plan": {"unreachable": True}},
        "d": {},
        "e": {"orthanc_plan": plan(step("identity", "x"), blockers=("port 443 is taken",))},
    }
    groups = {"orthanc": list(hostvars)}
    assert applies_to(planned(list(hostvars), hostvars), Fleet(hostvars, groups)) == ["a"]
    assert list(planned(list(hostvars), hostvars)) == ["a", "b", "e"]


def test_where_nodes_sign_for_themselves_all_take_part_as_soon_as_one_has_something_new() -> None:
    issuer = {"orthanc_issuer": "selfsigned"}
    hostvars: dict[str, dict[str, Any]] = {
        "a": {**issuer, "orthanc_plan": plan(step("identity", "x"))},
        "b": {**issuer, "orthanc_plan": plan()},
        "c": {"orthanc_plan": plan()},
    }
    fleet = Fleet(hostvars, {"orthanc": list(hostvars)})
    assert applies_to(planned(list(hostvars), hostvars), fleet) == ["a", "b"]


def test_where_a_node_has_a_certificate_of_a_root_that_is_not_stated_nothing_is_changed_anywhere() -> None:
    plans = {"a": plan(step("identity", "new trust")), "b": {**plan(blockers=("b: x.",)), "root_not_stated": True}}
    refusal = forgotten_root(plans)
    assert refusal is not None and refusal.startswith("b: ") and "Nothing was changed on any node." in refusal
    assert forgotten_root({"a": plans["a"], "c": {**plan(), "root_not_stated": False}}) is None
