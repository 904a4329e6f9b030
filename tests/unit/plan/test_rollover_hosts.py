# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only the hosts that the latest gate has chosen are updated, and each gate counts once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.filter.rollover import rollover_hosts

GROUPS = {"orthanc": ["a", "b", "c"]}
NOBODY = ["orthanc:!orthanc"]


def gate(number: int, *update: str) -> dict[str, Any]:
    return {"rollover_gate": {"gate": number, "update": list(update)}}


def test_the_hosts_of_that_gate_are_updated() -> None:
    hosts = {"a": {}, "b": gate(2, "b", "c"), "c": gate(2, "b", "c")}
    assert rollover_hosts("orthanc", hosts, GROUPS, 2) == ["b", "c"]


@pytest.mark.parametrize("number", [1, 3])
def test_a_gate_that_was_not_asked_updates_nobody_again(number: int) -> None:
    hosts = {host: gate(2, "b") for host in "abc"}
    assert rollover_hosts("orthanc", hosts, GROUPS, number) == NOBODY


def test_without_a_gate_nobody_is_updated() -> None:
    assert rollover_hosts("orthanc", {}, GROUPS, 1) == NOBODY
    assert rollover_hosts("orthanc", {host: {} for host in "abc"}, {}, 1) == NOBODY
    assert rollover_hosts("orthanc", {host: gate(1) for host in "abc"}, GROUPS, 1) == NOBODY
