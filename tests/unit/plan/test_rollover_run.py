# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gate lets the CA take the steps that are due, chooses the nodes to update, and ends a run that can do no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from authorities import made_folder
from identities import Node
from rollover_fleet import Fleet, active, retired, staged

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities import rollback
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet as View
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover import DROP, ISSUE, NONE, TRUST
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover_run import (
    Asked,
    Gate,
    looked_at,
    restarting,
)

OPTIONS = {"common_name": "", "waive": None, "handed_out": "", "stop_after": "", "emergency": False}
ANNA = "anna@example.org"


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    ca = made_folder(tmp_path)
    made = Fleet(ca, {name: Node(ca, tmp_path / name) for name in ("a", "b")}, tmp_path)
    made.bring_on("a", "b")
    return made


def gate(fleet: Fleet, **asked: Any) -> Gate:
    looks = {host: fleet.look(host) for host in fleet.nodes}
    return Gate(fleet.ca.path, looks, Asked.of({**OPTIONS, **asked}))


def passed(fleet: Fleet, **asked: Any) -> Gate:
    made = gate(fleet, **asked)
    made.advance(fleet.take)
    return made


def test_three_gates_and_updates_are_a_whole_rollover(fleet: Fleet) -> None:
    for phase, step in ((TRUST, "staged"), (ISSUE, "active"), (DROP, "retired")):
        at = passed(fleet, common_name="Next CA")
        assert (at.seen.phase, at.taken, at.updates(["a", "b"])) == (phase, [step], ["a", "b"])
        assert at.refusal(["a", "b"], last=False) is None
        fleet.bring_on("a", "b", trust_only=phase == TRUST)
    end = passed(fleet, common_name="Next CA")
    assert (end.seen.phase, end.taken, end.updates(["a", "b"])) == (NONE, [], [])
    assert end.refusal(["a", "b"], last=True) is None


@pytest.mark.parametrize(("stop", "phase"), [("trust", staged), ("issue", active)])
def test_a_phase_that_is_not_to_be_left_is_not_left(fleet: Fleet, stop: str, phase: Any) -> None:
    phase(fleet).bring_on("a", "b", trust_only=phase is staged)
    stopped = passed(fleet, stop_after=stop)
    assert (stopped.seen.phase, stopped.taken) == (stop, []) and stopped.seen.step is not None
    assert stopped.refusal(["a", "b"], last=True) is None
    assert passed(fleet).taken != []


def test_a_phase_that_there_is_not_is_an_error_that_names_the_variable() -> None:
    with pytest.raises(OrthancTlsError, match="rollover_stop_after is 'trusst'; expected trust or issue"):
        Asked.of({**OPTIONS, "stop_after": "trusst"})


@pytest.mark.parametrize("phase", [staged, active, retired])
def test_a_run_updates_its_own_nodes_and_then_ends_with_those_it_waits_for(fleet: Fleet, phase: Any) -> None:
    phase(fleet)
    limited = gate(fleet)
    assert limited.updates(["a"]) == ["a"] and limited.refusal(["a"], last=False) is None
    fleet.bring_on("a", trust_only=phase is staged)
    after = passed(fleet)
    assert (after.taken, after.updates(["a"])) == ([], [])
    assert "The rollover waits for b. The CA takes no further step" in str(after.refusal(["a"], last=False))
    assert after.refusal(["a"], last=True) is not None


def test_clients_that_are_waited_for_end_no_run_as_a_failure(fleet: Fleet) -> None:
    fleet.client(ANNA)
    staged(fleet).bring_on("a", "b", trust_only=True)
    waiting = passed(fleet)
    assert (waiting.taken, waiting.seen.clients, waiting.refusal(["a", "b"], last=True)) == ([], [ANNA], None)
    assert passed(fleet, waive=f"x,{ANNA}").taken == ["active"]


def test_an_emergency_drops_the_ca_and_updates_held_nodes_too(fleet: Fleet) -> None:
    old = fleet.ca.active().generation
    rollback.reach(str(fleet.nodes["a"].path), "held", "it failed", check_mode=False, now=fleet.now)
    first = gate(fleet, emergency=True)
    asked = first.drop(None, {"b": "unreachable"})
    assert asked.fault is not None and asked.locked_out.keys() == {"b"}
    first.carry_out(asked, fleet.take)
    assert first.taken == []
    first.carry_out(first.drop(old, {}), fleet.take)
    assert first.taken == ["staged", "active", "retired"]
    assert (first.seen.phase, first.updates(["a", "b"])) == (DROP, ["a", "b"])
    assert gate(fleet).updates(["a", "b"]) == ["b"], "without an emergency a held node stays"


def test_a_node_whose_answer_is_odd_is_waited_for_and_ends_no_other_node_s_run(fleet: Fleet) -> None:
    staged(fleet)
    looks = {"a": {"identity": {"certificates": "none"}}, "b": fleet.look("b")}
    seen = Gate(fleet.ca.path, looks, Asked.of(OPTIONS)).seen
    assert "examine the node" in seen.blockers["a"] and seen.todo == ["b"]


def test_nodes_of_the_run_and_others_are_looked_at_and_those_that_sign_for_themselves_are_not() -> None:
    hosts: dict[str, dict[str, Any]] = {"a": {}, "b": {}, "c": {}, "d": {"orthanc_issuer": "selfsigned"}}
    view = View(hosts, {"orthanc": list(hosts)})
    others = [{"item": "b", "identity": 2}, {"item": "c", "unreachable": True}]
    assert looked_at(view, {"a": {"identity": 1}}, others) == {"a": {"identity": 1}, "b": others[0], "c": None}


def test_nodes_whose_orthanc_restarts_are_updated_one_by_one() -> None:
    view = View({"a": {}, "b": {"orthanc_tls_mode": "builtin"}}, {"orthanc": ["a", "b"]})
    assert restarting(view, ["a", "b"]) == ["b"]
