# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A leaf that an authority signs for a node or a client: as ordered, and verified before anybody gets it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import sign_leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import LeafOrder
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.name_constraints import allowed_common_name
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.authority import Authority
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.openssl_program import Piped, run_openssl

if TYPE_CHECKING:
    from cryptography import x509

    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PublicKey

_PURPOSES = {"serverAuth": "sslserver", "clientAuth": "sslclient"}


def order_of(authority: Authority, order: LeafOrder) -> LeafOrder:
    """Return the order as this authority carries it out: without a common name that its constraints forbid."""
    return replace(
        order,
        common_name=allowed_common_name(
            order.common_name, order.names, order.extended_key_usage, [authority.root, authority.issuing]
        ),
    )


def sign(
    authority: Authority,
    passphrase: str | None,
    public_key: PublicKey,
    order: LeafOrder,
    lifetime: timedelta,
    now: datetime,
) -> x509.Certificate:
    """Sign a leaf. Raises where OpenSSL would not accept it, and then nobody has it."""
    leaf = sign_leaf(
        authority.signer(passphrase),
        public_key,
        common_name=order.common_name,
        names=order.names,
        extended_key_usage=order.extended_key_usage,
        lifetime=lifetime,
        window=order.window,
        now=now,
        holder=order.holder,
    )
    for usage in order.extended_key_usage:
        _verify(leaf, authority, _PURPOSES[usage], now)
    return leaf


def _verify(leaf: x509.Certificate, authority: Authority, purpose: str, now: datetime) -> None:
    """Ask OpenSSL itself: cryptography's verifier passes over what OpenSSL demands of a common name."""
    untrusted: list[str | Piped] = ["-untrusted", Piped(authority.chain_pem)] if authority.chain else []
    ran = run_openssl(
        *("verify", "-x509_strict", "-purpose", purpose, "-attime", str(int(now.timestamp()))),
        *("-no-CApath", "-no-CAstore", "-CAfile", Piped(certificate_pem(authority.root))),
        *untrusted,
        standard_input=certificate_pem(leaf),
    )
    if ran.status != 0:
        raise OrthancTlsError(
            f"OpenSSL would refuse the certificate that the CA {authority.generation} in {authority.folder} signs, as "
            f"{purpose}: {ran.complaint}. It was not handed out. Compare its names with the CA's name constraints "
            "(openssl x509 -in ca.pem -noout -text), and take other names, or roll over to a CA that allows them."
        )
