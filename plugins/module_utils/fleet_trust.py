# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who must trust whom where each node signs for itself: exactly the two ends of every pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.fleet import Fleet

SELF_SIGNED = "selfsigned"


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
                f"{host}: orthanc_issuer is '{node.issuer}', and on its peer '{other.host}' it is '{other.issuer}'; "
                "neither would trust the other. Set the same for both."
            )
    return PinnedTrust((host, *callers), (host, *node.peers))


def unaware(trusted: Mapping[str, Mapping[str, Any]], fingerprint: str, trust: PinnedTrust) -> list[str]:
    """Name the hosts that would refuse a certificate of the node whose C(trust) this is.

    C(trusted) holds, by host, what C(certificate_info) says of an identity's folder: C(client_trust), C(server_trust).
    """
    return [host for host, facts in trusted.items() if not _accepts(host, facts, fingerprint, trust)]


def _accepts(host: str, facts: Mapping[str, Any], fingerprint: str, trust: PinnedTrust) -> bool:
    bundles = [
        name for name, hosts in (("server_trust", trust.clients), ("client_trust", trust.servers)) if host in hosts
    ]
    return all(fingerprint in {known["fingerprint_sha256"] for known in facts[name]} for name in bundles)


def _callers(fleet: Fleet, host: str) -> Iterator[str]:
    return (other for other in fleet.hosts if host in fleet.node(other).peers)
