# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a rollover stands, as a person reads it: the phase, who is to do, who is waited for, and what comes next."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover import (
    DROP,
    ISSUE,
    NONE,
    TRUST,
    USUAL,
    Plan,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover_emergency import Emergency
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import WIDTH

_PHASES = {
    NONE: "No rollover is under way.",
    TRUST: "Rollover, phase 1 of 3 (trust): every node must trust the next CA.",
    ISSUE: "Rollover, phase 2 of 3 (issue): all need a certificate from the new CA.",
    DROP: "Rollover, phase 3 of 3 (drop): every node must stop trusting the old CA.",
}
_CAS = {"staged": "next CA", "active": "active CA", "superseded": "CA before it", "retired": "retired CA"}
_STEPS = {
    "staged": "make the next CA, which every node trusts beside the active one",
    "active": "the next CA issues new certificates",
    "retired": "the old CA is retired, which cannot be undone",
}
TAKEN = {
    "staged": "The next CA was made.",
    "active": "The next CA issues from now on.",
    "retired": "The old CA was retired.",
}
"""What to say once the CA has taken a step."""


def situation(
    seen: Plan,
    authorities: Sequence[Mapping[str, Any]],
    updates: Sequence[str],
    costs: Mapping[str, str],
    taken: Sequence[str] = (),
) -> list[str]:
    """Return where the rollover stands after the steps that were C(taken) by the CA.

    C(updates) are the nodes that are updated now, C(costs) what that interrupts.
    """
    lines = [
        *(TAKEN[state] for state in taken),
        _PHASES[seen.phase],
        *(_ca(ca) for state in ("superseded", "active", "staged") for ca in authorities if ca["state"] == state),
        *(_ca(ca) for ca in _retired(authorities)[-1:] if seen.phase == DROP),
        *_to_do(seen, updates, costs),
        *(f"  Waits for {name}: {why}" for name, why in seen.blockers.items() if name not in updates),
        *(f"  Does not wait for {name} (waived): {why}" for name, why in seen.waived.items() if name not in updates),
        _next(seen),
    ]
    return wrapped(lines)


def progress(seen: Plan, taken: Sequence[str], updates: Sequence[str], costs: Mapping[str, str]) -> list[str]:
    """Return what to say between two phases: what the CA has done, the phase, and which nodes are updated now."""
    if not taken and not updates:
        return []
    return wrapped([*(TAKEN[state] for state in taken), _PHASES[seen.phase], *_to_do(seen, updates, costs)])


def what_clients_need(seen: Plan, authorities: Sequence[Mapping[str, Any]], path: str) -> list[str]:
    """Return what to hand out to the clients that the rollover waits for, and how to go on; each command is a line."""
    if not seen.clients or len(seen.clients) != len(seen.blockers):
        return []
    to = ", ".join(seen.clients)
    if seen.phase == TRUST:
        following = [ca["generation"] for ca in authorities if ca["state"] == "staged"][-1]
        lines = [
            "The rollover waits for its clients. Nodes get certificates from the next CA once clients trust it too.",
            "Run your clients.yml: it adds the next CA to each client's ca.pem. The certificates stay.",
            f"Hand out: ca.pem, to {to}",
            "A ca.pem that clients.yml does not make needs this certificate too:",
            f"  {path}/authorities/{following}/ca.pem",
            "When they have it, run this playbook again with:",
            f"  -e rollover_clients_handed_out={following}",
        ]
    else:
        lines = [
            "The rollover waits for its clients. Their certificates are from the old CA, and would be refused.",
            "Run your clients.yml: it gives each a certificate from the new CA.",
            f"Hand out: client.pem or client.p12, and ca.pem, to {to}",
            "When they have it, run this playbook again.",
        ]
    return wrapped(lines)


def emergency_lines(drop: Emergency) -> list[str]:
    """Return which CA an emergency drops, what confirms that, and who is locked out."""
    dropped = (
        f"This CA is dropped already: {drop.subject}"
        if drop.state == "retired"
        else f"The {drop.state} CA {drop.subject} is dropped before anything else. This cannot be undone."
    )
    locked_out = [f"  {name}: {why}" for name, why in drop.locked_out.items()]
    return wrapped(
        [
            dropped,
            f"rollover_confirm: received {drop.received}, expected {drop.expected}",
            "Every certificate from this CA is refused from then on. The nodes of this run get new ones. Locked out:",
            *(locked_out or ["  no client that the CA folder knows, and no node"]),
        ]
    )


def wrapped(lines: Sequence[str]) -> list[str]:
    """Return lines of at most the screen's width; a word that is longer stays whole, so that it can be copied."""
    return [line for text in lines for line in _wrapped(plain(text))]


def _wrapped(text: str) -> list[str]:
    margin = " " * (len(text) - len(text.lstrip()))
    return textwrap.wrap(
        text,
        WIDTH,
        subsequent_indent=f"{margin}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _ca(ca: Mapping[str, Any]) -> str:
    end = str(ca["not_after"]).partition("T")[0]
    return f"  {_CAS[ca['state']]}: {ca['common_name']} ({ca['generation']}), valid until {end}"


def _retired(authorities: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [ca for ca in authorities if ca["state"] == "retired"]


def _to_do(seen: Plan, updates: Sequence[str], costs: Mapping[str, str]) -> Iterator[str]:
    alike: dict[tuple[str, str], list[str]] = {}
    for host in updates:
        alike.setdefault((seen.behind[host], costs.get(host, "")), []).append(host)
    for (why, cost), hosts in alike.items():
        words = [text for text in (why if why != USUAL.get(seen.phase) else "", cost) if text]
        yield f"  To do: {', '.join(hosts)}" + (f" ({'; '.join(words)})" if words else "")


def _next(seen: Plan) -> str:
    if seen.step is not None:
        return f"Next, as nothing stands in the way: {_STEPS[seen.step['state']]}."
    if seen.phase == TRUST:
        clients = " and the clients have been handed it" if seen.clients else ""
        return f"Next, once every node trusts it{clients}: {_STEPS['active']}."
    if seen.phase == ISSUE:
        return f"Next, once every node{' and client' if seen.clients else ''} has one: {_STEPS['retired']}."
    if seen.phase == DROP:
        return "Next: nothing. The rollover is complete once every node has dropped it."
    return "Nothing to do. Every node that was seen trusts the active CA and no other."
