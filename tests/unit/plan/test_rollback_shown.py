# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback says before it begins which generation each node gets, its end, and what is interrupted."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.interruptions import costs
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollback_shown import rollback_lines

END = "2027-05-23T12:00:00Z"


def target(generation: str, *, changed: bool = True) -> dict[str, Any]:
    return {"changed": changed, "identity": {"generation": {"name": generation}, "certificates": [{"not_after": END}]}}


def said(targets: dict[str, Any], *, release: bool = False) -> str:
    lines = rollback_lines(targets, dict.fromkeys(targets, "nginx reloads"), release=release)
    return " ".join(line.strip() for line in lines)


def test_one_node_is_told_with_its_generation_its_end_and_what_is_interrupted() -> None:
    assert said({"a": target("20261124T110000Z-1f2e3d4c")}) == (
        f"a: back to generation 20261124T110000Z-1f2e3d4c, valid until {END}, and held there; nginx reloads"
    )


def test_a_node_that_is_held_there_already_stays() -> None:
    text = said({"a": target("x"), "b": target("y", changed=False)})
    assert "a: back to generation x" in text and f"b: stays at generation y, valid until {END}" in text
    assert "One node after the other." in text


def test_a_release_says_that_what_is_due_is_done() -> None:
    assert (
        said({"a": target("x")}, release=True)
        == "a: released from its hold, and converged: what is due is done at once"
    )
    assert said({"a": target("x", changed=False)}, release=True).startswith("a: not held, and converged")


def test_what_it_interrupts_follows_from_who_serves_the_identity() -> None:
    fleet = Fleet({"a": {}, "b": {"orthanc_tls_mode": "builtin"}}, {"orthanc": ["a", "b"]})
    assert costs(fleet, ["a", "b"]) == {"a": "nginx reloads", "b": "Orthanc restarts, about a second"}


@given(st.text(max_size=300))
def test_what_a_node_says_commands_no_terminal(name: str) -> None:
    assert said({"a": target(name)}).isprintable()
