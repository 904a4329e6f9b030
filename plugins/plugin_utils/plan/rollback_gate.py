# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who would not trust a node that goes back to an earlier generation, and whom it would not trust itself.

A chain belongs to a root by the identifier of the root's key, where it names one, and otherwise by the root's name. A
certificate that signed for itself is told by its fingerprint.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.deny_list import Revoked
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import GROUP, Fleet

Facts = Mapping[str, Any]
_BUNDLES = ("client_trust", "server_trust")


@dataclass(frozen=True)
class Pairs:
    """Who calls a node, and whom it calls.

    C(open) are those that ask their clients for no certificate, C(otherwise) those that serve with another issuer's.
    """

    host: str
    callers: list[str]
    callees: list[str]
    open: frozenset[str]
    otherwise: frozenset[str]

    @classmethod
    def of(cls, host: str, fleet: Fleet, members: Sequence[str]) -> Pairs:
        """Read them from the inventory."""
        nodes = {other: fleet.node(other) for other in members}
        return cls(
            host,
            callers=[other for other in members if host in nodes[other].peers],
            callees=list(nodes[host].peers),
            open=frozenset(other for other in members if nodes[other].client_auth == "none"),
            otherwise=frozenset(other for other in members if nodes[other].server_certificate),
        )

    @property
    def peers(self) -> list[str]:
        """Every peer once."""
        return list(dict.fromkeys([*self.callers, *self.callees]))


def members(groups: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Return the hosts of the fleet."""
    return groups.get(GROUP, ())


def objections(
    pairs: Pairs, identity: Facts, looks: Mapping[str, Facts | None], retired: Collection[Facts]
) -> list[str]:
    """Say in words what speaks against going back to C(identity); a peer without an identity cannot object.

    C(looks) are the identities of the peers, with the C(served) certificates of those that serve with others;
    C(retired) are CAs that are trusted no longer, each with C(subject) and C(fingerprint_sha256) of its root.
    """
    found = []
    let_in = {facts.get("fingerprint_sha256") for bundle in _BUNDLES for facts in identity[bundle]}
    for ca in retired:
        if ca["subject"] == _root(identity["certificates"]):
            found.append(f"its CA {ca['subject']} was retired, and every node that was converged since refuses it")
        elif ca["fingerprint_sha256"] in let_in:
            found.append(f"it would trust the CA {ca['subject']} again, which was retired")
    itself = looks.get(pairs.host)
    served = itself.get("served") if itself and pairs.host in pairs.otherwise else None
    if served and not _anchors(identity["server_trust"], served):
        found.append(f"{pairs.host} itself would not trust what it serves, which is of {_root(served)}")
    for peer in pairs.callers:
        found += _between(peer, looks.get(peer), pairs.host, identity, pairs)
    for peer in pairs.callees:
        found += _between(pairs.host, identity, peer, looks.get(peer), pairs)
    return found


def revoked_in(identity: Facts, revoked: Collection[Revoked]) -> list[str]:
    """Say what of an earlier generation was revoked since: its certificate, or one that it trusts by itself."""
    by_fingerprint = {one.fingerprint_sha256: one for one in revoked}
    leaf = identity["certificates"][:1]
    trusted = {facts["fingerprint_sha256"]: facts for bundle in _BUNDLES for facts in identity[bundle]}
    found = [
        f"its certificate was revoked on {one.revoked_at} ({one.reason})"
        for facts in leaf
        if (one := by_fingerprint.get(facts["fingerprint_sha256"]))
    ]
    return found + [
        f"it would trust {facts['subject']} again, which was revoked on {by_fingerprint[fingerprint].revoked_at}"
        for fingerprint, facts in trusted.items()
        if fingerprint in by_fingerprint and facts not in leaf
    ]


def _between(caller: str, client: Facts | None, callee: str, server: Facts | None, pairs: Pairs) -> Iterator[str]:
    if client is None or server is None:
        return
    # What the node itself serves otherwise stays when its identity goes back.
    served = server.get("served") if callee in pairs.otherwise else server["certificates"]
    if served is not None and not _anchors(client["server_trust"], served):
        yield f"{caller}, which calls {callee}, would not trust its CA {_root(served)}"
    if callee not in pairs.open and not _anchors(server["client_trust"], client["certificates"]):
        root = _root(client["certificates"])
        yield f"{callee} would refuse {caller} as a client, as it would not trust its CA {root}"


def _anchors(trust: Sequence[Facts], certificates: Sequence[Facts]) -> bool:
    last = certificates[-1] if certificates else {"subject": "", "issuer": None}
    if last["subject"] == last["issuer"]:
        # It signed for itself: its next one has the same name, and is another one all the same.
        return last["fingerprint_sha256"] in {facts["fingerprint_sha256"] for facts in trust}
    if key := last.get("authority_key_identifier"):
        return key in {facts.get("subject_key_identifier") for facts in trust}
    return _root(certificates) in {facts["subject"] for facts in trust}


def _root(certificates: Sequence[Facts]) -> str:
    return str(certificates[-1]["issuer"]) if certificates else ""
