# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who must trust whom where each node signs for itself: exactly the two ends of every pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

_UNTOLD = "does not trust it yet"


@dataclass(frozen=True)
class PinnedTrust:
    """Hosts whose certificates a node accepts: of C(clients) that come in, and of C(servers) that it calls."""

    clients: tuple[str, ...]
    servers: tuple[str, ...]

    @property
    def hosts(self) -> tuple[str, ...]:
        """Both together; they are also those that have to accept the node's own certificate."""
        return tuple(dict.fromkeys([*self.clients, *self.servers]))


def pinned_trust(fleet: Fleet, host: str) -> PinnedTrust:
    """Return whom a host trusts: itself, the hosts that list it as a peer, and those that it lists.

    Without a CA there is no trust between a node that signs for itself and one that does not.
    """
    node = fleet.node(host)
    callers = tuple(_callers(fleet, host))
    for other in map(fleet.node, (*callers, *node.peers)):
        if other.issuer != node.issuer:
            raise OrthancTlsError(
                f"{host}: orthanc_issuer is '{node.issuer.name}', and on its peer '{other.host}' it is "
                f"'{other.issuer.name}'; neither would trust the other. Set the same for both."
            )
    return PinnedTrust((host, *callers), (host, *node.peers))


def unaware(looks: Mapping[str, Mapping[str, Any]], fingerprint: str, trust: PinnedTrust) -> list[dict[str, Any]]:
    """Say which hosts would refuse a certificate of the node whose C(trust) this is, and why.

    C(looks) holds what C(identity_info) says, by host; nothing of a host that could not be looked at. C(may_be_told)
    says whether that trust is all that the host lacks.
    """
    reasons = {host: _refusal(host, look, fingerprint, trust) for host, look in looks.items()}
    return [{"host": host, "why": why, "may_be_told": why == _UNTOLD} for host, why in reasons.items() if why]


def _refusal(host: str, look: Mapping[str, Any], fingerprint: str, trust: PinnedTrust) -> str | None:
    identity = look.get("identity")
    if identity is None:
        return f"cannot be looked at ({look.get('fault') or look.get('msg') or 'for no reason given'})"
    if look["not_loaded"]:
        return str(look["not_loaded"])
    bundles = [
        name for name, hosts in (("server_trust", trust.clients), ("client_trust", trust.servers)) if host in hosts
    ]
    if all(fingerprint in {known["fingerprint_sha256"] for known in identity[name]} for name in bundles):
        return None
    return f"is held at {identity['generation']['name']}" if identity["held"] else _UNTOLD


def _callers(fleet: Fleet, host: str) -> Iterator[str]:
    return (other for other in fleet.hosts if host in fleet.node(other).peers)
