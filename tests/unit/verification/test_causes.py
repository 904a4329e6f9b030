# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One stopped program is one cause, however many rows it brings down; what fails for another reason stays a cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.causes import Cause, causes
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check

OWN, BEHIND = "its own certificate", "Orthanc behind the front-end"
REFUSED = {"error": "Connection refused", "seen": "connection refused: nothing listens on 127.0.0.1:443"}


def row(host: str, name: str, **what: Any) -> Check:
    said = {"expected": "answered: HTTP 200", "seen": "HTTP 500", "ok": False, "asks": host}
    return Check(host=host, name=name, **{**said, **what})


def own(host: str, **what: Any) -> Check:
    return row(host, OWN, rests_on=(BEHIND,), **what)


def refusal(host: str, name: str, control: str = OWN, **what: Any) -> Check:
    return row(host, name, refusal=True, rests_on=(control,), **what)


def pair(host: str, peer: str, **what: Any) -> list[Check]:
    return [
        row(host, f"{peer} by name", asks=peer, **what),
        row(host, f"peer {peer}", asks=peer, relayed=True, status=500, rests_on=(f"{peer} by name", OWN)),
        row(host, f"DICOMweb server {peer}", asks=peer, relayed=True, status=500, rests_on=(f"peer {peer}", OWN)),
    ]


def told(found: Sequence[Cause]) -> list[tuple[str, str, int]]:
    return [(cause.rows[0].host, cause.rows[0].name, len(cause.follow)) for cause in found]


def test_a_stopped_front_end_is_one_cause_for_its_own_rows_and_those_of_its_callers() -> None:
    rows = [
        own("archive", **REFUSED),
        refusal("archive", "TLS 1.1", **REFUSED),
        refusal("archive", "no client certificate", **REFUSED),
        row("archive", "as images.test", rests_on=(OWN,), **REFUSED),
        *pair("edge1", "archive", **REFUSED),
        *pair("edge2", "archive", **REFUSED),
    ]
    assert told(causes(rows)) == [("archive", OWN, 9)]


def test_an_orthanc_that_is_down_is_the_cause_of_what_its_front_end_answers() -> None:
    rows = [own("archive", status=502), row("archive", BEHIND, **REFUSED), *pair("edge1", "archive", status=502)]
    assert told(causes(rows)) == [("archive", BEHIND, 4)]


def test_two_stopped_programs_of_a_node_are_two_causes() -> None:
    assert len(causes([own("archive", **REFUSED), row("archive", BEHIND, error="timed out")])) == 2


def test_a_caller_that_fails_in_another_way_than_the_node_itself_is_a_cause_of_its_own() -> None:
    rows = [own("archive", **REFUSED), *pair("edge1", "archive", error="No route to host", seen="no route")]
    assert told(causes(rows)) == [("archive", OWN, 0), ("edge1", "archive by name", 2)]


def test_a_refusal_that_was_an_answer_is_never_hidden_behind_its_control() -> None:
    rows = [own("archive", **REFUSED), refusal("archive", "plain HTTP", status=200, seen="HTTP 200")]
    assert told(causes(rows)) == [("archive", OWN, 0), ("archive", "plain HTTP", 0)]


def test_callers_that_see_the_same_of_a_host_outside_the_run_are_one_entry() -> None:
    (cause,) = causes([*pair("edge1", "archive", **REFUSED), *pair("edge2", "archive", **REFUSED)])
    assert ([one.host for one in cause.rows], len(cause.follow)) == (["edge1", "edge2"], 4)


def test_the_same_fault_of_several_nodes_is_one_entry_with_all_of_them() -> None:
    rows = [refusal(host, "TLS 1.1", status=200, seen="HTTP 200") for host in ("a", "b", "c")]
    (cause,) = causes(rows)
    assert [one.host for one in cause.rows] == ["a", "b", "c"]


def test_what_is_as_expected_is_no_cause() -> None:
    assert causes([row("a", OWN, ok=True), refusal("a", "TLS 1.1", ok=True)]) == []


NAMES = ("a", "b", "c", "d")
ROWS = st.lists(
    st.builds(
        lambda host, name, rests, refused, status, asks: row(
            host, name, rests_on=tuple(rests), refusal=refused, status=status, asks=asks
        ),
        st.sampled_from(NAMES),
        st.sampled_from([OWN, *NAMES]),
        st.lists(st.sampled_from([OWN, *NAMES]), max_size=3),
        st.booleans(),
        st.sampled_from([None, 200, 502]),
        st.sampled_from(NAMES),
    ),
    max_size=12,
    unique_by=lambda one: (one.host, one.name),
)


@given(ROWS)
def test_every_failure_is_told_exactly_once_whatever_rests_on_what(rows: list[Check]) -> None:
    found = causes(rows)
    told_rows = [one for cause in found for one in (*cause.rows, *cause.follow)]
    assert sorted((one.host, one.name) for one in told_rows) == sorted((one.host, one.name) for one in rows)
