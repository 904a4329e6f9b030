# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one view of the fleet: what the inventory says about any host, with the defaults resolved.

Another host's variables carry no role defaults, and its facts are missing outside ``--limit``. Whatever one node
must know of another (URL, names, credentials) therefore comes from here, and from inventory variables alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.host_variables import HostVariables
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node, issuer_of, resolved
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import (
    Peer,
    external_peer,
    peer_name,
    refuse_clashes,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import mapping_of, texts_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.registry import Issuer

GROUP = "orthanc"


class Fleet:
    """The hosts of the group ``orthanc``, resolved one at a time as they are asked for."""

    def __init__(
        self,
        hostvars: Mapping[str, Mapping[str, Any]],
        groups: Mapping[str, Sequence[str]],
        of_task: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Take C(hostvars), and by host the variables of a task, which has more of its host than others see."""
        self._hostvars = hostvars
        self._of_task = of_task or {}
        self._read: dict[str, HostVariables] = {}
        self._groups = groups
        self._members = frozenset(groups.get(GROUP, ()))

    @property
    def hosts(self) -> Sequence[str]:
        """Every host of the group, in the inventory's order."""
        return self._groups.get(GROUP, ())

    def variables(self, host: str, defaults: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Return a host's variables as they are, for the task's own host those of the task."""
        return HostVariables(host, self._of_task.get(host) or self._inventory(host), defaults)

    def _inventory(self, host: str) -> HostVariables:
        if host not in self._read:
            self._read[host] = HostVariables(host, self._hostvars[host])
        return self._read[host]

    def issuer(self, host: str) -> Issuer:
        """Say who issues a host's certificate, without resolving the rest of the host."""
        return issuer_of(host, self._inventory(host))

    def node(self, host: str) -> Node:
        """Resolve one host; a value that cannot be used is an error that names host and variable."""
        if host not in self._members:
            raise OrthancTlsError(f"{host}: is not in the inventory group '{GROUP}'; add it there.")
        return resolved(host, self._inventory(host), tuple(self._peer_hosts(host)))

    def peers(self, host: str, certificate_file: str) -> list[Peer]:
        """Every peer of a host: those of the fleet first, then those outside it.

        ``certificate_file`` is the PEM with key, leaf and intermediates that this host presents.
        """
        peers = [self._fleet_peer(host, other, certificate_file) for other in self.node(host).peers]
        external = mapping_of(host, self._inventory(host), "orthanc_external_peers")
        peers += [external_peer(host, str(name), entry, certificate_file) for name, entry in external.items()]
        refuse_clashes(host, peers)
        return peers

    def server_ca_certificates(self, host: str) -> list[str]:
        """PEM texts by which a host trusts servers beside those of its issuer: it calls its peers, and itself."""
        own = self.node(host).server_certificate
        itself = own.ca_certificates if own else ()
        peers = (pem for peer in self.peers(host, "") for pem in peer.ca_certificates)
        issuers = (pem for other in self.node(host).peers for pem in self.issuer_ca_certificates(other))
        return [*itself, *peers, *issuers, *self._pems(host, "identity_server_ca_certificates")]

    def client_ca_certificates(self, host: str) -> list[str]:
        """PEM texts by which a host trusts clients beside those of its issuer: hosts of other issuers that call it."""
        external = (other for other in self.hosts if other != host and self.issuer(other).answers_later)
        callers = [other for other in external if host in self._peer_hosts(other)]
        issuers = (pem for other in callers for pem in self.issuer_ca_certificates(other))
        return [*issuers, *self._pems(host, "identity_client_ca_certificates")]

    def issuer_ca_certificates(self, host: str) -> list[str]:
        """PEM texts of the CA that issues a host's certificate, where that is not ours."""
        stated = self._pems(host, "orthanc_issuer_ca_certificates")
        return stated if self.issuer(host).answers_later else []

    def _pems(self, host: str, name: str) -> list[str]:
        value = self._inventory(host).get(name) or []
        return [value] if isinstance(value, str) else [*value]

    def _peer_hosts(self, host: str) -> Iterator[str]:
        seen = {host}
        for entry in texts_of(host, self._inventory(host), "orthanc_peers"):
            for other in self._expand(host, entry):
                if other not in seen:
                    seen.add(other)
                    yield other

    def _expand(self, host: str, entry: str) -> Sequence[str]:
        if entry == host:
            raise OrthancTlsError(f"{host}: orthanc_peers lists the host itself; take '{entry}' out.")
        if entry in self._members:
            return [entry]
        if entry not in self._groups:
            raise OrthancTlsError(
                f"{host}: orthanc_peers lists '{entry}', which is neither a host of the group '{GROUP}' nor a group; "
                "correct the name, or list a server outside the inventory in orthanc_external_peers."
            )
        strangers = sorted(set(self._groups[entry]) - self._members)
        if strangers:
            raise OrthancTlsError(
                f"{host}: orthanc_peers lists the group '{entry}', whose host '{strangers[0]}' is not in the group "
                f"'{GROUP}'; add it there, or list the hosts one by one."
            )
        return self._groups[entry]

    def _fleet_peer(self, host: str, other: str, certificate_file: str) -> Peer:
        node = self.node(other)
        if not node.serves_remotely:
            raise OrthancTlsError(
                f"{host}: orthanc_peers lists '{other}', which answers only itself ({node.client_auth_variable}: none "
                f"without registered users); on '{other}' set {node.client_auth_variable}: required, or "
                "orthanc_config.RegisteredUsers."
            )
        if len(node.users) > 1 and node.peer_user is None:
            raise OrthancTlsError(
                f"{other}: orthanc_config.RegisteredUsers has {len(node.users)} users, and '{host}' lists this host as "
                "a peer; say in orthanc_peer_user as which of them peers come."
            )
        settings: dict[str, Any] = {"Url": node.url, "CertificateFile": certificate_file}
        if node.credentials:
            settings |= {"Username": node.credentials.username, "Password": node.credentials.password}
        trust = node.server_certificate.ca_certificates if node.server_certificate else ()
        web = f"{node.url}dicom-web/"
        return Peer(peer_name(other), other, settings, web, trust, node.local_url, node.filters_requests)
