# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of C(certificate) where nodes sign for themselves: what a node holds, and whom it trusts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

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


@dataclass(frozen=True)
class PinnedOrder:
    """One node's identity as the task orders it, with the certificates by which other nodes are known by now."""

    folder: PinnedFolder
    spec: IdentitySpec
    lifetime: timedelta

    @classmethod
    def of(cls, options: Mapping[str, Any], host: str) -> PinnedOrder:
        """Resolve a task's options for a host. Raises on any that are wrong, before the node is reached."""
        common_name, names, lifetime, window = wanted_leaf(options, host)
        folder = PinnedFolder(options["ca_path"])
        spec = IdentitySpec(
            common_name=common_name,
            names=names,
            extended_key_usage=sorted(set(options["extended_key_usage"])),
            key_type=options["key_type"],
            window=window,
            issuer="itself",
            issuer_sha256=None,
            trust={
                CLIENT_TRUST: merged(
                    *folder.trusted([host, *options["pinned_clients"]]),
                    *map(certificate_pem, load_texts(options["client_ca_certificates"], "client_ca_certificates")),
                ),
                SERVER_TRUST: merged(
                    *folder.trusted([host, *options["pinned_servers"]]),
                    *map(certificate_pem, load_texts(options["server_ca_certificates"], "server_ca_certificates")),
                ),
            },
            force=options["force"],
            self_signed=True,
        )
        return cls(folder, spec, lifetime)
