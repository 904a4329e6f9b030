# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person who reads the end of a rollover knows the phase, who is waited for and what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from authorities import made_folder
from hypothesis import given
from hypothesis import strategies as st
from identities import Node
from rollover_fleet import Fleet, active, retired, staged

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.info import authority_info
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover import NONE, TRUST, Plan
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover_emergency import emergency
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover_shown import (
    emergency_lines,
    progress,
    situation,
    what_clients_need,
)

ANNA = "anna@example.org"


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    ca = made_folder(tmp_path)
    made = Fleet(ca, {name: Node(ca, tmp_path / name) for name in ("a", "b")}, tmp_path)
    made.bring_on("a", "b")
    return made


def said(fleet: Fleet, *updates: str, costs: dict[str, str] | None = None, **options: Any) -> list[str]:
    seen = fleet.plan(**options)
    return situation(seen, authority_info(fleet.ca.path, fleet.now)["authorities"], updates, costs or {})


def test_without_a_rollover_there_is_nothing_to_do(fleet: Fleet) -> None:
    first, ca, last = said(fleet)
    assert (first, last[:14]) == ("No rollover is under way.", "Nothing to do.")
    assert ca.startswith(f"  active CA: Test CA ({fleet.ca.active().generation}), valid until 20")


def test_what_the_ca_would_do_next_is_said_before_it_does_it(fleet: Fleet) -> None:
    assert "Next, as nothing stands in the way: make the next CA" in " ".join(said(fleet, common_name="Next CA"))


@pytest.mark.parametrize(
    ("phase", "heading", "cas", "following"),
    [
        (staged, "phase 1 of 3 (trust)", ["active CA", "next CA"], "once every node trusts it: the next CA issues"),
        (active, "phase 2 of 3 (issue)", ["CA before it", "active CA"], "once every node has one: the old CA is"),
        (retired, "phase 3 of 3 (drop)", ["active CA", "retired CA"], "once every node has dropped it"),
    ],
)
def test_each_phase_is_told_with_its_cas_its_nodes_and_what_comes_next(
    fleet: Fleet, phase: Any, heading: str, cas: list[str], following: str
) -> None:
    phase(fleet)
    lines = said(fleet, "a", "b", costs={"a": "nginx reloads", "b": "nginx reloads"})
    assert heading in lines[0]
    assert [line.partition(":")[0].strip() for line in lines[1:3]] == cas
    assert lines[3] == "  To do: a, b (nginx reloads)"
    assert following in " ".join(lines[4:]).replace("  ", " ")


def test_a_node_that_this_run_cannot_update_is_waited_for_by_name_with_the_reason(fleet: Fleet) -> None:
    staged(fleet).down.add("b")
    lines = said(fleet, "a")
    assert lines[3:5] == ["  To do: a", "  Waits for b: unreachable"]
    assert said(fleet)[3] == "  Waits for a: does not trust the new CA yet"


def test_a_waived_node_is_named_and_not_waited_for(fleet: Fleet) -> None:
    staged(fleet).down.add("b")
    assert "  Does not wait for b (waived): unreachable" in said(fleet, "a", waive=("b",))


def test_nodes_are_grouped_by_what_an_update_interrupts_and_an_unusual_reason_is_said(fleet: Fleet) -> None:
    staged(fleet).bring_on("a", "b", trust_only=True)
    fleet.not_loaded.add("a")
    lines = said(fleet, "a", costs={"a": "Orthanc restarts, about a second"})
    assert lines[3] == "  To do: a (has not loaded it; Orthanc restarts, about a second)"


def test_between_two_phases_it_is_said_what_the_ca_has_done(fleet: Fleet) -> None:
    active(fleet)
    lines = progress(fleet.plan(), ["active"], ["a", "b"], {})
    authorities = authority_info(fleet.ca.path, fleet.now)["authorities"]
    assert situation(fleet.plan(), authorities, ["a"], {}, ["staged", "active"])[:2] == [
        "The next CA was made.",
        "The next CA issues from now on.",
    ]
    assert lines[0] == "The next CA issues from now on."
    assert "phase 2 of 3" in lines[1] and lines[2] == "  To do: a, b"
    assert progress(Plan(NONE), [], [], {}) == []


def test_what_to_hand_out_and_how_to_go_on_is_said_once_only_clients_are_waited_for(fleet: Fleet) -> None:
    fleet.client(ANNA)
    staged(fleet)
    authorities = authority_info(fleet.ca.path, fleet.now)["authorities"]
    assert what_clients_need(fleet.plan(), authorities, "/ca") == []
    fleet.bring_on("a", "b", trust_only=True)
    lines = what_clients_need(fleet.plan(), authorities, "/ca")
    following = fleet.ca.staged()[-1].generation
    assert f"Hand out: ca.pem, to {ANNA}" in lines
    assert lines[-1] == f"  -e rollover_clients_handed_out={following}"
    assert f"  /ca/authorities/{following}/ca.pem" in lines
    fleet.take(fleet.plan(handed_out=following).step)
    fleet.bring_on("a", "b")
    lines = what_clients_need(fleet.plan(), authority_info(fleet.ca.path, fleet.now)["authorities"], "/ca")
    assert f"Hand out: client.pem or client.p12, and ca.pem, to {ANNA}" in lines
    assert lines[-1] == "When they have it, run this playbook again."


def test_an_emergency_names_who_is_locked_out(fleet: Fleet) -> None:
    fleet.client(ANNA)
    info = authority_info(fleet.ca.path, fleet.now)
    lines = emergency_lines(emergency(info["authorities"], info["clients"], {"b": "unreachable"}, None))
    text = " ".join(line.strip() for line in lines)
    assert "The active CA" in text and "cannot be undone" in text
    assert f"received nothing, expected {fleet.ca.active().generation}" in text
    assert f"{ANNA}: is a client" in text and "b: unreachable; refuses the others" in text


_TEXTS = st.text("ab c-:\x1b\n", min_size=1, max_size=60)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=8), _TEXTS, max_size=30))
def test_lines_fit_on_80_columns_and_no_node_commands_the_terminal(
    blockers: dict[str, str],
) -> None:
    seen = Plan(TRUST, behind=blockers, blockers=blockers)
    lines = situation(seen, [], [], {})
    assert all(line.isprintable() for line in lines)
    assert all(len(line) <= 80 or " " not in line.strip() for line in lines)
