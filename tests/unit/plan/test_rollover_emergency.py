# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an emergency drops, whom that locks out, and how it is confirmed: as it is shown."""

from __future__ import annotations

import itertools
import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.splitter import parse_kv
from authorities import NOW, brought, made_folder
from hypothesis import assume, given
from hypothesis import strategies as st
from rollover_fleet import Fleet

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.info import authority_info
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover_emergency import Emergency, emergency

GENERATION, NEXT = "20261124T125823Z-664898", "20261125T191930Z-0c1f6e"


def typed(text: str, variable: str) -> str:
    """Return the variable's value as C(ansible-playbook) has it where a person types C(text) into a shell."""
    words = shlex.split(text)
    given = [parse_kv(word) for flag, word in itertools.pairwise(words) if flag == "-e"]
    return str(next(value[variable] for value in given if variable in value))


def of(fleet: Fleet, confirm: object = None, missed: dict[str, str] | None = None) -> Emergency:
    info = authority_info(fleet.ca.path, fleet.now)
    return emergency(info["authorities"], info["clients"], missed or {}, confirm)


@pytest.fixture
def spoilt(tmp_path: Path) -> Fleet:
    """A CA with a space in its name, and a client."""
    made = Fleet(made_folder(tmp_path), {}, tmp_path)
    made.client("anna@example.org")
    return made


def test_it_is_confirmed_by_the_generation_as_it_is_shown_or_by_the_whole_subject(spoilt: Fleet) -> None:
    asked = of(spoilt)
    assert (asked.confirmed, asked.received) == (False, "nothing")
    assert asked.expected == asked.generation == spoilt.ca.active().generation
    for confirm in (typed(asked.command, "rollover_confirm"), asked.subject):
        seen = of(spoilt, confirm)
        assert seen.confirmed and seen.fault is None
        assert [step["state"] for step in seen.steps] == ["staged", "active", "retired"]


def test_what_was_received_is_said_and_a_subject_that_was_cut_at_its_space_confirms_nothing(spoilt: Fleet) -> None:
    subject = of(spoilt).subject
    assert " " in subject
    cut = typed(f'-e "rollover_confirm={subject}"', "rollover_confirm")
    seen = of(spoilt, cut)
    assert not seen.confirmed and seen.steps == [] and seen.received == f"'{cut}'"
    assert seen.fault is not None and "cut at a space" in seen.fault and f"rollover_confirm is '{cut}'" in seen.fault
    assert f"expected {seen.expected}" in seen.fault
    for confirm in (None, "", "yes", True, subject.lower(), seen.expected[:-1]):
        other = of(spoilt, confirm)
        assert not other.confirmed and other.fault is not None and "cut" not in other.fault
        assert other.fault.endswith(seen.command)


def test_clients_of_the_dropped_ca_and_nodes_that_the_run_misses_are_locked_out(spoilt: Fleet) -> None:
    seen = of(spoilt, missed={"b": "unreachable"})
    assert list(seen.locked_out) == ["anna@example.org", "b"]
    assert "valid until 20" in seen.locked_out["anna@example.org"]
    assert "unreachable" in seen.locked_out["b"]
    spoilt.now = NOW + timedelta(days=400)
    assert of(spoilt).locked_out == {}


def test_a_client_with_a_certificate_of_the_new_ca_is_not_locked_out_when_the_old_one_is_dropped(spoilt: Fleet) -> None:
    old = spoilt.ca.active().generation
    for state in ("staged", "active"):
        brought(spoilt.ca, state)
    spoilt.now = NOW + timedelta(seconds=2)
    spoilt.client("new@example.org", force=True)
    seen = of(spoilt, old)
    assert (seen.generation, seen.confirmed, list(seen.locked_out)) == (old, True, ["anna@example.org"])
    assert [step["state"] for step in seen.steps] == ["retired"]
    asked = of(spoilt, "yes")
    assert asked.expected == spoilt.ca.active().generation and list(asked.locked_out) == ["new@example.org"]
    assert asked.fault is not None and f"or {old} for the CA before it" in asked.fault


def test_the_next_ca_is_not_dropped_before_it_issues(spoilt: Fleet) -> None:
    brought(spoilt.ca, "staged")
    assert not of(spoilt, spoilt.ca.staged()[-1].generation).confirmed


@pytest.mark.parametrize("by", ["generation", "subject"])
@pytest.mark.parametrize("done", range(4))
def test_an_emergency_that_was_interrupted_goes_on(spoilt: Fleet, done: int, by: str) -> None:
    asked = of(spoilt)
    confirm = getattr(asked, by)
    for step in of(spoilt, confirm).steps[:done]:
        spoilt.take(step)
    for step in of(spoilt, confirm).steps:
        spoilt.take(step)
    after = authority_info(spoilt.ca.path, NOW)["authorities"]
    assert [authority["state"] for authority in after] == ["retired", "active"]
    assert after[0]["generation"] == asked.generation
    seen = of(spoilt, confirm, {"b": "unreachable"})
    assert (seen.steps, seen.confirmed, list(seen.locked_out)) == ([], True, ["b"])


def _authorities(common_name: str) -> list[dict[str, Any]]:
    subject = f"serialNumber={GENERATION},CN={common_name}"
    return [{"generation": GENERATION, "state": "active", "subject": subject, "common_name": common_name}]


@given(st.text(min_size=1), st.text())
def test_the_command_can_be_typed_as_it_is_shown_whatever_the_ca_is_called(common_name: str, confirm: str) -> None:
    authorities = _authorities(common_name)
    assume(confirm not in (GENERATION, authorities[0]["subject"]))
    asked = emergency(authorities, [], {}, confirm)
    assert not asked.confirmed and asked.steps == []
    assert typed(asked.command, "rollover_emergency") == "true"
    assert emergency(authorities, [], {}, typed(asked.command, "rollover_confirm")).confirmed
