# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next CA does not issue before the clients have been handed its certificate."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, made_folder
from hypothesis import given
from hypothesis import strategies as st
from identities import Node
from rollover_fleet import Fleet, active, staged

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover import NONE, TRUST, plan

ANNA, SCANNER = "anna@example.org", "CT scanner 2"
GENERATIONS = ("20261124T125823Z-664898", "20261125T191930Z-0c1f6e")


@pytest.fixture
def served(tmp_path: Path) -> Fleet:
    """Two nodes, a person and a device."""
    ca = made_folder(tmp_path)
    made = Fleet(ca, {name: Node(ca, tmp_path / name) for name in ("a", "b")}, tmp_path)
    made.bring_on("a", "b")
    for name in (ANNA, SCANNER):
        made.client(name)
    return made


def trusted(fleet: Fleet) -> Fleet:
    """Phase 1 is done: every node trusts both CAs."""
    staged(fleet).bring_on("a", "b", trust_only=True)
    return fleet


def test_the_next_ca_does_not_issue_before_the_clients_have_been_handed_its_certificate(served: Fleet) -> None:
    next_ca = trusted(served).ca.staged()[-1].generation
    seen = served.plan()
    assert (seen.phase, seen.step, seen.todo) == (TRUST, None, [])
    assert list(seen.blockers) == list(seen.behind) == seen.clients == [SCANNER, ANNA]
    confirmed = served.plan(handed_out=next_ca)
    assert confirmed.step == {"state": "active", "generations": [next_ca]}
    assert (confirmed.blockers, confirmed.clients) == ({}, [])


def test_the_nodes_are_taken_to_trust_the_next_ca_while_the_clients_are_waited_for(served: Fleet) -> None:
    seen = staged(served).plan()
    assert seen.todo == ["a", "b"] and seen.clients == [SCANNER, ANNA]


def test_a_node_that_is_behind_is_not_counted_as_a_client(served: Fleet) -> None:
    trusted(served).down.add("b")
    seen = served.plan()
    assert list(seen.blockers) == ["b", SCANNER, ANNA] and seen.clients == [SCANNER, ANNA]
    assert list(served.plan(handed_out=served.ca.staged()[-1].generation).blockers) == ["b"]


def test_a_client_that_is_waived_is_not_waited_for_in_any_phase(served: Fleet) -> None:
    seen = trusted(served).plan(waive=(ANNA,))
    assert (seen.clients, list(seen.waived), seen.step) == ([SCANNER], [ANNA], None)
    both = served.plan(waive=(ANNA, SCANNER))
    assert both.clients == [] and both.step is not None
    served.take(both.step)
    served.bring_on("a", "b")
    assert served.plan(waive=(ANNA,)).clients == [SCANNER]
    assert served.plan(waive=(ANNA, SCANNER)).step is not None


@pytest.mark.usefixtures("any_clock")
def test_clients_whose_certificates_have_expired_are_not_waited_for(served: Fleet) -> None:
    served.now = NOW + timedelta(days=400)
    served.bring_on("a", "b")
    assert trusted(served).plan().step is not None


@pytest.mark.usefixtures("any_clock")
def test_clients_are_not_waited_for_where_the_old_ca_has_expired(served: Fleet) -> None:
    served.now = NOW + timedelta(days=4000)
    served.take(served.plan().step)
    assert served.plan().step == {"state": "active", "generations": [served.ca.staged()[-1].generation]}


def test_the_confirmation_of_an_earlier_rollover_does_not_confirm_the_next_one(served: Fleet) -> None:
    first = trusted(served).ca.staged()[-1].generation
    served.take(served.plan(handed_out=first).step)
    served.bring_on("a", "b")
    served.now = NOW + timedelta(seconds=2)
    for name in (ANNA, SCANNER):
        served.client(name)
    assert served.plan(handed_out=first).step is not None
    served.take(served.plan(handed_out=first).step)
    served.bring_on("a", "b")
    served.take(served.plan("Third CA", handed_out=first).step)
    served.bring_on("a", "b", trust_only=True)
    assert served.plan(handed_out=first).clients == [SCANNER, ANNA]


def test_a_confirmation_that_names_no_ca_of_the_folder_is_an_error_that_says_which_was_expected(served: Fleet) -> None:
    for value in ("true", "Next CA", "20260101T000000Z-000000"):
        with pytest.raises(OrthancTlsError, match=f"rollover_clients_handed_out is '{value}'.*leave it out"):
            served.plan("Next CA", handed_out=value)
    next_ca = trusted(served).ca.staged()[-1].generation
    with pytest.raises(OrthancTlsError, match=f"rollover_clients_handed_out is 'True'.*expected {next_ca}"):
        served.plan(handed_out=str(True))


def test_clients_of_the_old_ca_are_waited_for_with_the_confirmation_too(served: Fleet) -> None:
    served.client(ANNA)
    active(served).bring_on("a", "b")
    seen = served.plan(handed_out=served.ca.active().generation)
    assert seen.clients == [SCANNER, ANNA] and seen.step is None


def _authority(state: str, generation: str) -> dict[str, Any]:
    facts = {"subject": f"serialNumber={generation},CN=CA", "common_name": "CA", "fingerprint_sha256": generation}
    return {**facts, "generation": generation, "state": state, "expired": False, "ends_soon": False}


_CLIENTS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.text(min_size=1, max_size=4),
            "names": st.just([]),
            "generation": st.sampled_from([GENERATIONS[0], None]),
            "not_after": st.just("2027-01-01T00:00:00Z"),
            "expired": st.booleans(),
        }
    ),
    max_size=5,
)


@given(_CLIENTS, st.sets(st.text(min_size=1, max_size=4)), st.sampled_from([None, "", *GENERATIONS]))
def test_the_next_ca_issues_exactly_where_no_client_is_left_that_was_neither_handed_it_nor_waived(
    clients: list[dict[str, Any]], waive: set[str], handed_out: str | None
) -> None:
    authorities = [_authority("active", GENERATIONS[0]), _authority("staged", GENERATIONS[1])]
    seen = plan(authorities, clients, {}, waive=waive, handed_out=handed_out)
    left = {client["name"] for client in clients if not client["expired"]} - waive
    assert (seen.step is not None) == (handed_out == GENERATIONS[1] or not left)
    assert set(seen.clients) == set(seen.blockers) == (set() if seen.step else left)


@given(_CLIENTS)
def test_without_a_rollover_under_way_no_client_is_waited_for(clients: list[dict[str, Any]]) -> None:
    seen = plan([_authority("active", GENERATIONS[0])], clients, {})
    assert (seen.phase, seen.clients, seen.blockers) == (NONE, [], {})
