# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Try key, certificate and trust before they go live: a TLS handshake in memory (standard library only).

It is OpenSSL that decides, by the node's clock, as it will in Orthanc: whether the key belongs to the leaf, the leaf
comes first, the chain ends in the trust bundles, and names, dates and usages are right.
"""

from __future__ import annotations

import ssl
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.handshake import file_of, handshake


@dataclass(frozen=True)
class IdentityFiles:
    """Absolute paths of what a node serves and calls with, and of its trust bundles."""

    server: str
    client_trust: str
    server_trust: str


def check_identity(files: IdentityFiles, *, names: Sequence[str], usages: Collection[str]) -> None:
    """Raise unless the files serve and call as C(usages) and C(names) promise, when the node calls itself."""
    try:
        server = _server_context(files, usages)
        client = _client_context(files, usages)
        host = _host(names) if "serverAuth" in usages else None
        client.check_hostname = host is not None
        if handshake(client, server, host) is None:
            raise OrthancTlsError("OpenSSL on this node ends no handshake with the new certificate; the old one stays.")
    except ssl.SSLCertVerificationError as error:
        raise OrthancTlsError(
            f"OpenSSL on this node refuses the new certificate: {error.verify_message}; the old one stays. "
            "Compare this node's clock with the dates of the CA and of the certificate, and look at the CA folder."
        ) from error
    except ssl.SSLError as error:
        raise OrthancTlsError(
            f"OpenSSL on this node cannot use the new key and certificate: {error.reason or error}; the old ones stay."
        ) from error


def check_served(pem: bytes, ca_certificates: bytes, name: str) -> None:
    """Raise unless a TLS client that trusts C(ca_certificates) and calls for C(name) accepts what C(pem) serves.

    C(pem) is key, leaf and intermediates. It is tried in memory, by this host's OpenSSL and clock.
    """
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        with file_of(pem) as path:
            server.load_cert_chain(path)
        client.load_verify_locations(cadata=ca_certificates.decode())
        if handshake(client, server, name) is None:
            raise OrthancTlsError("OpenSSL on this host ends no handshake with it.")
    except ssl.SSLCertVerificationError as error:
        raise OrthancTlsError(
            f"A client that trusts ca_certificates and calls for {name} refuses it: {error.verify_message}."
        ) from error
    except ssl.SSLError as error:
        raise OrthancTlsError(f"OpenSSL on this host cannot serve with it: {error.reason or error}.") from error


def _server_context(files: IdentityFiles, usages: Collection[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.server)
    context.load_verify_locations(files.client_trust)
    if "clientAuth" in usages:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _client_context(files: IdentityFiles, usages: Collection[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_cert_chain(files.server)
    context.load_verify_locations(files.server_trust)
    context.check_hostname = False
    if "serverAuth" not in usages:
        context.verify_mode = ssl.CERT_NONE
    return context


def _host(names: Sequence[str]) -> str | None:
    """Return a host name that the certificate covers; C(None) where it only names people or things."""
    for name in names:
        kind, _colon, value = name.partition(":")
        if kind in ("DNS", "IP"):
            return value.replace("*", "any", 1)
    return None
