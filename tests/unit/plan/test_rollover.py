# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a rollover stands, on real CA folders and real identities, and the gates."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, brought, made_folder
from identities import Node
from rollover_fleet import Fleet, active, retired, staged

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities import rollback
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.facts import generation_facts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover import (
    DROP,
    ISSUE,
    NONE,
    TRUST,
    Plan,
)


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    ca = made_folder(tmp_path)
    made = Fleet(ca, {name: Node(ca, tmp_path / name) for name in ("a", "b")}, tmp_path)
    made.bring_on("a", "b")
    return made


def test_a_rollover_from_its_beginning_to_its_end(fleet: Fleet) -> None:
    assert fleet.plan() == Plan(NONE)
    begun = fleet.plan("Next CA")
    assert (begun.phase, begun.step) == (NONE, {"state": "staged", "common_name": "Next CA"})

    fleet.take(begun.step)
    assert (fleet.plan("Next CA").phase, fleet.plan().todo, fleet.plan().step) == (TRUST, ["a", "b"], None)
    leaves = {host: generation_facts(str(node.path), NOW)["certificates"] for host, node in fleet.nodes.items()}
    fleet.bring_on("a", trust_only=True)
    assert (fleet.plan().todo, fleet.plan().step) == (["b"], None)
    fleet.bring_on("b", trust_only=True)
    assert leaves == {host: generation_facts(str(node.path), NOW)["certificates"] for host, node in fleet.nodes.items()}
    assert fleet.plan().step == {"state": "active", "generations": [fleet.ca.staged()[-1].generation]}

    fleet.take(fleet.plan().step)
    assert (fleet.plan("Next CA").phase, fleet.plan().todo, fleet.plan().step) == (ISSUE, ["a", "b"], None)
    fleet.bring_on("a", "b")
    assert fleet.plan().step == {"state": "retired", "generations": [fleet.ca.superseded()[0].generation]}

    fleet.take(fleet.plan().step)
    assert (fleet.plan("Next CA").phase, fleet.plan().todo, fleet.plan().step) == (DROP, ["a", "b"], None)
    fleet.bring_on("a", "b")
    assert fleet.plan() == fleet.plan("Next CA") == Plan(NONE)


@pytest.mark.parametrize("phase", [staged, active, retired])
@pytest.mark.parametrize("trouble", ["down", "held", "not loaded", "no identity"])
def test_a_node_that_is_behind_blocks_by_name_unless_it_is_waived(fleet: Fleet, phase: Any, trouble: str) -> None:
    phase(fleet)
    if trouble == "held":
        rollback.reach(str(fleet.nodes["b"].path), "held", "it failed", check_mode=False, now=NOW)
    fleet.bring_on("a", "b", trust_only=phase is staged)
    if trouble == "down":
        fleet.down.add("b")
    if trouble == "not loaded":
        fleet.not_loaded.add("b")
    if trouble == "no identity":
        fleet.nodes["b"].current.unlink()
        look = {"identity": None, "fault": "holds nothing", "not_loaded": "there is no identity to load"}
        fleet.look = lambda host: look if host == "b" else Fleet.look(fleet, host)  # type: ignore[method-assign]
    seen = fleet.plan()
    says = {
        "down": "unreachable",
        "held": "held since .*it failed",
        "not loaded": "has not loaded",
        "no identity": "holds nothing",
    }
    assert list(seen.blockers) == ["b"] and seen.step is None
    assert re.search(says[trouble], seen.blockers["b"])
    assert seen.todo == (["b"] if trouble == "not loaded" else [])
    waived = fleet.plan(waive=("b",))
    assert (waived.blockers, list(waived.waived)) == ({}, ["b"])
    assert (waived.step is None) == (phase is retired)


def test_a_held_node_that_is_where_it_should_be_blocks_nothing(fleet: Fleet) -> None:
    staged(fleet).bring_on("a", "b", trust_only=True)
    rollback.reach(str(fleet.nodes["b"].path), "held", "it failed", check_mode=False, now=NOW)
    assert fleet.plan().step is not None


def test_a_client_of_the_old_ca_blocks_until_its_next_certificate_is_out(fleet: Fleet) -> None:
    fleet.client("anna@example.org")
    active(fleet).bring_on("a", "b")
    seen = fleet.plan()
    assert list(seen.blockers) == seen.clients == ["anna@example.org"] and seen.step is None and seen.todo == []
    assert "until 20" in seen.blockers["anna@example.org"]
    assert fleet.plan(waive=("anna@example.org",)).step is not None
    fleet.now = NOW + timedelta(seconds=2)
    fleet.client("anna@example.org")
    assert fleet.plan().step is not None


@pytest.mark.usefixtures("any_clock")
def test_a_client_whose_certificate_has_expired_blocks_nothing(fleet: Fleet) -> None:
    fleet.client("anna@example.org")
    active(fleet).bring_on("a", "b")
    fleet.now = NOW + timedelta(days=400)
    fleet.bring_on("a", "b")
    assert fleet.plan().blockers == {}


@pytest.mark.usefixtures("any_clock")
def test_a_ca_that_ends_soon_is_followed_by_one_of_its_name(fleet: Fleet) -> None:
    fleet.now = NOW + timedelta(days=2400)
    fleet.bring_on("a", "b")
    assert fleet.plan() == Plan(NONE)
    fleet.now = NOW + timedelta(days=2440)
    assert fleet.plan().step == {"state": "staged", "common_name": "Test CA"}


@pytest.mark.usefixtures("any_clock")
def test_where_the_ca_has_expired_the_next_one_issues_at_once(fleet: Fleet) -> None:
    fleet.now = NOW + timedelta(days=4000)
    fleet.take(fleet.plan().step)
    assert fleet.plan().step == {"state": "active", "generations": [fleet.ca.staged()[-1].generation]}
    fleet.take(fleet.plan().step)
    assert fleet.plan().todo == ["a", "b"]
    fleet.bring_on("a", "b")
    fleet.take(fleet.plan().step)
    fleet.bring_on("a", "b")
    assert fleet.plan() == Plan(NONE)


def test_another_name_waits_until_the_rollover_that_is_under_way_is_done(fleet: Fleet) -> None:
    for phase in (staged, None):
        if phase is None:
            fleet.bring_on("a", "b", trust_only=True)
            fleet.take(fleet.plan().step)
        else:
            phase(fleet)
        with pytest.raises(OrthancTlsError, match="CN=Next CA is under way, and rollover_common_name asks for 'Third'"):
            fleet.plan("Third")


def test_the_gate_of_one_run_activates_and_retires_nothing_that_it_has_not_seen(fleet: Fleet) -> None:
    staged(fleet).bring_on("a", "b", trust_only=True)
    seen = fleet.plan().step
    brought(fleet.ca, "active")
    brought(fleet.ca, "staged")
    brought(fleet.ca, "active")
    brought(fleet.ca, "staged")
    with pytest.raises(OrthancTlsError, match="is not staged in the CA's folder"):
        fleet.take(seen)


def test_a_node_with_a_certificate_of_another_ca_is_waited_for_only_until_its_trust_is_right(fleet: Fleet) -> None:
    fleet.of_another.add("b")
    staged(fleet).bring_on("a", trust_only=True)
    assert list(fleet.plan().blockers) == ["b"], "it must accept what the next CA issues"
    fleet.bring_on("b", trust_only=True)
    fleet.take(fleet.plan().step)
    assert fleet.plan().todo == ["a"], "it keeps its certificate"
    fleet.bring_on("a")
    fleet.take(fleet.plan().step)
    assert fleet.plan().todo == ["a", "b"], "nobody trusts the old CA for longer"
