# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The issuer C(selfsigned): each node signs for itself, and is trusted by the certificate that it signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.request import OnlyItself, SelfSigningOrder
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    SERVER_TRUST,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.spec import IdentitySpec
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    certificate_pem,
    load_texts,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import IssuedByItself
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.trust_bundle import merged
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import Order, SigningOnNode
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.ordered_leaf import ordered_leaf
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.pinned import Known, PinnedFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.published import published


def self_signed_order(options: Mapping[str, Any], host: str, *, check_mode: bool) -> Order:
    """Resolve a task's options for a host, with the certificates by which other nodes are known by now."""
    leaf, lifetime = ordered_leaf(options, host, IssuedByItself())
    folder = PinnedFolder(options["ca_path"])
    folder.check_place()
    known = {other: folder.known(other) for other in (host, *options["pinned_clients"], *options["pinned_servers"])}
    # The node's own file is written anew in this run.
    others = [found for other, found in known.items() if other != host]
    trust = {
        CLIENT_TRUST: _bundle(known, (host, *options["pinned_clients"]), options, "client_ca_certificates"),
        SERVER_TRUST: _bundle(known, (host, *options["pinned_servers"]), options, "server_ca_certificates"),
    }

    def refusal(issuer: str) -> OrthancTlsError:
        return OrthancTlsError(
            f"The certificate on {host} was issued by {issuer}, and issuer is selfsigned. Nothing was changed. Whoever "
            "trusts that CA would refuse what the node signs itself; to replace the certificate all the same, set "
            "allow_issuer_change."
        )

    def publish(answer: Any, now: datetime) -> bool:
        certificates = published(answer, leaf, lifetime, known[host].certificates, now)
        news = bool(certificates) and not folder.holds(host, certificates)
        if news and not check_mode:
            folder.write(host, certificates)
        return news

    # There is no telling by what a host is known whose file cannot be read.
    keeps_trust = any(found.unreadable for found in others)
    return Order(
        IdentitySpec(leaf, trust),
        OnlyItself(),
        refusal,
        SigningOnNode(SelfSigningOrder(lifetime, options["activate"], keeps_trust), publish),
        tuple(found.fault for found in others if found.fault),
    )


def _bundle(known: Mapping[str, Known], hosts: tuple[str, ...], options: Mapping[str, Any], option: str) -> bytes:
    """Join what hosts are known by and the certificates of an option."""
    pinned = [certificate for host in hosts for certificate in known[host].certificates]
    return merged(*map(certificate_pem, [*pinned, *load_texts(options[option], option)]))
