# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a rollover of the CA stands: read from the CA's folder and from what nodes hold, serve and have loaded.

There is no saved state. Whoever is behind keeps the CA's next step from being taken, unless waived by name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.known_issuers import shown, some
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain

NONE, TRUST, ISSUE, DROP = "none", "trust", "issue", "drop"
"""Nothing is under way; every node shall trust the next CA; have its leaf from it; trust the old one no longer."""

USUAL = {
    TRUST: "does not trust the new CA yet",
    ISSUE: "has its certificate from the old CA",
    DROP: "still trusts the old CA",
}
"""Why nodes are behind in a phase, where nothing else keeps them there."""


@dataclass(frozen=True)
class SeenNode:
    """What one look at a node has shown.

    C(trusted) is what both its trust bundles hold, so that it is trusted in both directions, C(remembered) what any of
    them holds. C(fault) is why there is no telling, C(held) why it stays as it is, C(not_loaded) why it does not serve
    what it holds.
    """

    issuer: str = ""
    trusted: frozenset[str] = frozenset()
    remembered: frozenset[str] = frozenset()
    fault: str | None = None
    held: str | None = None
    not_loaded: str | None = None

    @classmethod
    def seen(cls, look: Mapping[str, Any] | None) -> SeenNode:
        """Read the result of C(identity_info) or C(node_look); C(None) is a node that nobody could look at."""
        if look is None:
            return cls(fault="unreachable")
        try:
            return cls._read(look)
        except (AttributeError, IndexError, KeyError, TypeError):
            return cls(fault="its answer is not that of a look; examine the node")

    @classmethod
    def _read(cls, look: Mapping[str, Any]) -> SeenNode:
        if look.get("blockers"):
            return cls(fault=f"is blocked: {' '.join(look['blockers'])}")
        identity = look.get("identity")
        if identity is None:
            return cls(fault=plain(look.get("fault") or look.get("msg") or "could not be looked at"))
        certificates, held = identity["certificates"], identity["held"]
        clients, servers = (
            frozenset(facts["fingerprint_sha256"] for facts in identity[bundle])
            for bundle in ("client_trust", "server_trust")
        )
        return cls(
            issuer=certificates[-1]["issuer"] if certificates else "",
            trusted=clients & servers,
            remembered=clients | servers,
            held=plain(f"held since {held['since']}: {held['why']}") if held else None,
            not_loaded=plain(look["not_loaded"]) if look["not_loaded"] else None,
        )


@dataclass(frozen=True)
class Plan:
    """The phase, who is behind in it and why, who can be brought on, and the CA's next step if nobody blocks it.

    C(step) has C(state), and C(common_name) for a new CA or C(generations) for others. C(clients) are those of
    C(blockers) that are no nodes: waiting for them is no failure.
    """

    phase: str
    behind: dict[str, str] = field(default_factory=dict)
    todo: list[str] = field(default_factory=list)
    blockers: dict[str, str] = field(default_factory=dict)
    waived: dict[str, str] = field(default_factory=dict)
    step: dict[str, Any] | None = None
    clients: list[str] = field(default_factory=list)


def plan(
    authorities: Sequence[Mapping[str, Any]],
    clients: Sequence[Mapping[str, Any]],
    looks: Mapping[str, Mapping[str, Any] | None],
    common_name: str | None = None,
    waive: Collection[str] = (),
    handed_out: str | None = None,
    *,
    emergency: bool = False,
    followers: Collection[str] = (),
) -> Plan:
    """Say where the rollover stands; C(common_name) asks for a CA of that name, C(waive) names nodes and clients.

    C(handed_out) is the generation of the CA whose certificate every client has been handed. In an C(emergency) no
    node is held at what it has. Of C(followers), whose certificates are of other CAs, only the trust counts.
    """
    seen = {host: SeenNode.seen(look) for host, look in looks.items()}
    if emergency:
        seen = {host: replace(node, held=None) for host, node in seen.items()}
    by_state = {state: [ca for ca in authorities if ca["state"] == state] for state in _STATES}
    (active,) = by_state["active"]
    seen |= {host: replace(seen[host], issuer=active["subject"]) for host in followers if host in seen}
    nodes = _without_strangers(seen, authorities, waive)
    staged, superseded = by_state["staged"], by_state["superseded"]
    under_way = staged[-1] if staged else active if superseded else None
    _check_name(under_way, common_name)
    _check_handed_out(authorities, staged, handed_out)
    if staged:
        trusting = [] if handed_out == staged[-1]["generation"] else clients
        return _trusting(nodes, staged[-1], active, trusting, waive)
    if superseded:
        return _issuing(nodes, active, superseded, clients, waive)
    wanted = common_name or (active["common_name"] if active["ends_soon"] else None)
    if wanted and (active["ends_soon"] or wanted != active["common_name"]):
        return Plan(NONE, step={"state": "staged", "common_name": wanted})
    return _dropping(nodes, active, by_state["retired"], waive)


def _without_strangers(
    nodes: Mapping[str, SeenNode], authorities: Sequence[Mapping[str, Any]], waive: Collection[str]
) -> dict[str, SeenNode]:
    """Raise for nodes whose certificates are of no CA of the folder; those that are waived cannot be brought on."""
    known = {"", *(ca["subject"] for ca in authorities)}
    strangers = {host: shown(node.issuer) for host, node in nodes.items() if node.issuer not in known}
    named = [f"{host} (issued by {issuer})" for host, issuer in strangers.items() if host not in waive]
    if named:
        raise OrthancTlsError(
            "The CA folder (orthanc_ca_dir) does not hold the CA that issued the certificates of these nodes: "
            f"{some(named)}. No step was taken. Correct orthanc_ca_dir if it names the wrong folder, or restore the "
            "folder from its backup; to go on without these nodes, name them in rollover_waive."
        )
    fault = "has a certificate issued by {}, which the CA folder does not hold"
    return dict(nodes) | {host: replace(nodes[host], fault=fault.format(issuer)) for host, issuer in strangers.items()}


_STATES = ("retired", "superseded", "active", "staged")


def _check_name(under_way: Mapping[str, Any] | None, common_name: str | None) -> None:
    if under_way and common_name and common_name != under_way["common_name"]:
        raise OrthancTlsError(
            f"The rollover to {under_way['subject']} is under way, and rollover_common_name asks for {common_name!r}; "
            "finish that one first, without rollover_common_name."
        )


def _check_handed_out(
    authorities: Sequence[Mapping[str, Any]], staged: Sequence[Mapping[str, Any]], handed_out: str | None
) -> None:
    if not handed_out or handed_out in [ca["generation"] for ca in authorities]:
        return
    expected = f"expected {staged[-1]['generation']}" if staged else "leave it out until a run names the value"
    raise OrthancTlsError(
        f"rollover_clients_handed_out is {str(handed_out)!r}, which is no generation of a CA in the folder; {expected}."
    )


def _trusting(
    nodes: Mapping[str, SeenNode],
    staged: Mapping[str, Any],
    active: Mapping[str, Any],
    clients: Sequence[Mapping[str, Any]],
    waive: Collection[str],
) -> Plan:
    def behind(node: SeenNode) -> str | None:
        return None if staged["fingerprint_sha256"] in node.trusted else USUAL[TRUST]

    step = {"state": "active", "generations": [staged["generation"]]}
    if active["expired"]:
        # Nothing of the old CA works any more, and it signs nothing: there is nothing to wait for.
        return Plan(TRUST, step=step)
    # What a client trusts is seen by nobody, so somebody has to say it.
    waiting = [
        _Waiting.of(client, "is a client, and may verify the nodes: it needs the new CA's certificate first")
        for client in clients
        if not client["expired"]
    ]
    return _gated(TRUST, _behind(nodes, behind), nodes, waive, step, waiting)


def _issuing(
    nodes: Mapping[str, SeenNode],
    active: Mapping[str, Any],
    superseded: Sequence[Mapping[str, Any]],
    clients: Sequence[Mapping[str, Any]],
    waive: Collection[str],
) -> Plan:
    def behind(node: SeenNode) -> str | None:
        return None if node.issuer == active["subject"] else USUAL[ISSUE]

    old = [ca["generation"] for ca in superseded]
    waiting = [
        _Waiting.of(client, f"is a client whose newest certificate, until {client['not_after']}, is of the old CA")
        for client in clients
        if client["generation"] in old and not client["expired"]
    ]
    step = {"state": "retired", "generations": old}
    return _gated(ISSUE, _behind(nodes, behind), nodes, waive, step, waiting)


def _dropping(
    nodes: Mapping[str, SeenNode],
    active: Mapping[str, Any],
    retired: Sequence[Mapping[str, Any]],
    waive: Collection[str],
) -> Plan:
    def behind(node: SeenNode) -> str | None:
        if node.remembered & {ca["fingerprint_sha256"] for ca in retired}:
            return USUAL[DROP]
        return None if node.issuer == active["subject"] else USUAL[ISSUE]

    late = _behind(nodes, behind) if retired else {}
    return _gated(DROP if late else NONE, late, nodes, waive, None)


def _behind(nodes: Mapping[str, SeenNode], behind: Callable[[SeenNode], str | None]) -> dict[str, str]:
    found = {}
    for host, node in nodes.items():
        why = node.fault or behind(node) or node.not_loaded
        if why:
            found[host] = f"{why} ({node.held})" if node.held else why
    return found


@dataclass(frozen=True)
class _Waiting:
    """A client that is waited for; it can be waived by each of its C(names)."""

    name: str
    names: frozenset[str]
    why: str

    @classmethod
    def of(cls, client: Mapping[str, Any], why: str) -> _Waiting:
        others = [name.partition(":")[2] for name in client["names"]]
        return cls(client["name"], frozenset([client["name"], *others]), why)


def _gated(
    phase: str,
    late: Mapping[str, str],
    nodes: Mapping[str, SeenNode],
    waive: Collection[str],
    step: dict[str, Any] | None,
    clients: Sequence[_Waiting] = (),
) -> Plan:
    behind = dict(late) | {client.name: client.why for client in clients}
    waiting = [client.name for client in clients if not client.names & set(waive)]
    blockers = {name: why for name, why in behind.items() if name in waiting or (name in late and name not in waive)}
    return Plan(
        phase,
        behind=behind,
        todo=[host for host, node in nodes.items() if host in late and not (node.fault or node.held)],
        blockers=blockers,
        waived={name: why for name, why in behind.items() if name not in blockers},
        step=None if blockers else step,
        clients=[name for name in blockers if name not in late],
    )
