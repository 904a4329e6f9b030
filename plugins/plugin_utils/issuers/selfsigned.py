# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of C(certificate) where nodes sign for themselves: what a node holds, and whom it trusts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    SERVER_TRUST,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.spec import IdentitySpec
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    certificate_pem,
    load_texts,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.trust_bundle import merged
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.local import wanted_leaf
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.pinned import PinnedFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.published import published

if TYPE_CHECKING:
    from cryptography import x509


@dataclass(frozen=True)
class PinnedOrder:
    """One node's identity as the task orders it, with the certificates by which other nodes are known by now.

    C(known) is what the node itself is known by. With C(keeps_trust) the node keeps what it trusts beside what it is
    told to trust, as there is no telling by what another one is known. C(warnings) names each file that is at fault.
    """

    host: str
    folder: PinnedFolder
    spec: IdentitySpec
    lifetime: timedelta
    known: tuple[x509.Certificate, ...]
    keeps_trust: bool
    warnings: list[str]

    @classmethod
    def of(cls, options: Mapping[str, Any], host: str) -> PinnedOrder:
        """Resolve a task's options for a host. Raises on any that are wrong, before the node is reached."""
        common_name, names, lifetime, window = wanted_leaf(options, host)
        folder = PinnedFolder(options["ca_path"])
        known = {other: folder.known(other) for other in (host, *options["pinned_clients"], *options["pinned_servers"])}
        # The node's own file is written anew in this run.
        others = [found for other, found in known.items() if other != host]

        def trust(hosts: str, certificates: str) -> bytes:
            pinned = [certificate for other in (host, *options[hosts]) for certificate in known[other].certificates]
            return merged(*map(certificate_pem, [*pinned, *load_texts(options[certificates], certificates)]))

        spec = IdentitySpec(
            common_name=common_name,
            names=names,
            extended_key_usage=sorted(set(options["extended_key_usage"])),
            key_type=options["key_type"],
            window=window,
            issuer="itself",
            issuer_sha256=None,
            trust={
                CLIENT_TRUST: trust("pinned_clients", "client_ca_certificates"),
                SERVER_TRUST: trust("pinned_servers", "server_ca_certificates"),
            },
            force=options["force"],
            self_signed=True,
        )
        return cls(
            host,
            folder,
            spec,
            lifetime,
            known=known[host].certificates,
            keeps_trust=any(found.unreadable for found in others),
            warnings=[found.fault for found in others if found.fault],
        )

    def publish(self, answer: Any, now: datetime, *, check_mode: bool) -> None:
        """Check what the node says it is known by, and keep that for those who must trust it."""
        certificates = published(answer, self.spec, self.lifetime, self.known, now)
        if certificates and not check_mode:
            self.folder.write(self.host, certificates)
