# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Try an identity before it goes live: a TLS handshake of the node with itself, in memory (standard library only).

It is OpenSSL that decides, by the node's clock, as it will in Orthanc: whether the key belongs to the leaf, the leaf
comes first, the chain ends in the trust bundles, and names, dates and usages are right.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Collection, Sequence

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    SERVER,
    SERVER_TRUST,
)

_FLIGHTS = 10  # a full handshake takes two in each direction


def check_identity(folder: str, *, names: Sequence[str], usages: Collection[str]) -> None:
    """Raise unless the files in C(folder) serve and call as C(usages) and C(names) promise."""
    try:
        server = _server_context(folder, usages)
        client = _client_context(folder, usages)
        _shake_hands(client, server, _host(names) if "serverAuth" in usages else None)
    except ssl.SSLCertVerificationError as error:
        raise OrthancTlsError(
            f"OpenSSL on this node refuses the new certificate: {error.verify_message}; the old one stays. "
            "Compare this node's clock with the dates of the CA and of the certificate, and look at the CA folder."
        ) from error
    except ssl.SSLError as error:
        raise OrthancTlsError(
            f"OpenSSL on this node cannot use the new key and certificate: {error.reason or error}; the old ones stay."
        ) from error


def _server_context(folder: str, usages: Collection[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, SERVER))
    context.load_verify_locations(os.path.join(folder, CLIENT_TRUST))
    if "clientAuth" in usages:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _client_context(folder: str, usages: Collection[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_cert_chain(os.path.join(folder, SERVER))
    context.load_verify_locations(os.path.join(folder, SERVER_TRUST))
    context.check_hostname = False
    if "serverAuth" not in usages:
        context.verify_mode = ssl.CERT_NONE
    return context


def _shake_hands(client_context: ssl.SSLContext, server_context: ssl.SSLContext, host: str | None) -> None:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client_context.check_hostname = host is not None
    client = client_context.wrap_bio(to_client, to_server, server_hostname=host)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    for _flight in range(_FLIGHTS):
        waiting = [side for side in waiting if not _finished(side)]
        if not waiting:
            return
    raise OrthancTlsError("OpenSSL on this node ends no handshake with the new certificate; the old one stays.")


def _finished(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def _host(names: Sequence[str]) -> str | None:
    """Return a host name that the certificate covers; C(None) where it only names people or things."""
    for name in names:
        kind, _colon, value = name.partition(":")
        if kind in ("DNS", "IP"):
            return value.replace("*", "any", 1)
    return None
