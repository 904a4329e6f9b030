# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emergency drops a CA before anything else is done: which one, whom that locks out, and whether it is confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Emergency:
    """The CA that is dropped, who is refused from then on and why, and what the CA's folder has to do.

    C(received) and C(expected) are values of C(rollover_confirm), C(command) is what confirms it, typed as it is.
    C(fault) says why it is not confirmed; there are no C(steps) then, and none where the CA is retired already.
    """

    generation: str
    subject: str
    state: str
    received: str
    expected: str
    command: str
    confirmed: bool
    fault: str | None
    locked_out: dict[str, str]
    steps: list[dict[str, Any]]


def emergency(
    authorities: Sequence[Mapping[str, Any]],
    clients: Sequence[Mapping[str, Any]],
    missed: Mapping[str, str],
    confirm: object,
) -> Emergency:
    """Describe it; C(confirm) is the generation or the subject of the CA to drop, the active one where it is neither.

    C(missed) says of the nodes that this run does not take to the next CA why.
    """
    (active,) = [ca for ca in authorities if ca["state"] == "active"]
    named = next((ca for ca in authorities if confirm in (ca["generation"], ca["subject"])), None)
    confirmed = named is not None and named["state"] != "staged"
    dropped = named if named is not None and confirmed else active
    received = f"'{confirm}'" if confirm not in (None, "") else "nothing"
    command = f"-e rollover_emergency=true -e rollover_confirm={dropped['generation']}"
    return Emergency(
        generation=dropped["generation"],
        subject=dropped["subject"],
        state=dropped["state"],
        received=received,
        expected=dropped["generation"],
        command=command,
        confirmed=confirmed,
        fault=None if confirmed else _fault(authorities, active, confirm, received, command),
        locked_out=_locked_out(dropped, clients, missed),
        steps=_steps(authorities, dropped) if confirmed else [],
    )


def _fault(
    authorities: Sequence[Mapping[str, Any]], active: Mapping[str, Any], confirm: object, received: str, command: str
) -> str:
    cut = confirm and any(ca["subject"].startswith(f"{confirm} ") for ca in authorities)
    before = [ca["generation"] for ca in authorities if ca["state"] == "superseded"]
    return (
        f"Nothing was changed: rollover_confirm is {received}, expected {active['generation']}"
        + "".join(f", or {generation} for the CA before it" for generation in before)
        + (". It was cut at a space, as a value in -e key=value ends there" if cut else "")
        + f". To drop {active['subject']}, run this again with: {command}"
    )


def _locked_out(
    dropped: Mapping[str, Any], clients: Sequence[Mapping[str, Any]], missed: Mapping[str, str]
) -> dict[str, str]:
    by_ca = {
        client["name"]: f"is a client with a certificate of this CA, valid until {client['not_after']}"
        for client in clients
        if client["generation"] == dropped["generation"] and not client["expired"]
    }
    nodes = {host: f"{why}; refuses the others, and is refused, until a run reaches it" for host, why in missed.items()}
    return by_ca | nodes


def _steps(authorities: Sequence[Mapping[str, Any]], dropped: Mapping[str, Any]) -> list[dict[str, Any]]:
    if dropped["state"] == "retired":
        return []
    retire = {"state": "retired", "generations": [dropped["generation"]]}
    if dropped["state"] == "superseded":
        return [retire]
    staged = [ca["generation"] for ca in authorities if ca["state"] == "staged"]
    first = [] if staged else [{"state": "staged", "common_name": dropped["common_name"]}]
    return [*first, {"state": "active", "generations": staged[-1:]}, retire]
