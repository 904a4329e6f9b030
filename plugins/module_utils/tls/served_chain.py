# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates that a TLS port serves, verified or not (standard library only)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

# What a port shows has to be seen on old servers too; nothing is sent to them after the handshake.
_ANY_STRENGTH = "DEFAULT:@SECLEVEL=0"
_ENCODING_DER = 2  # _ssl.ENCODING_DER, OpenSSL's X509_FILETYPE_ASN1


TIMEOUT_OPTION: dict[str, dict[str, Any]] = {"timeout": {"type": "float", "default": 10}}
"""The option by which a module is told how long to wait for a port."""


@dataclass(frozen=True)
class Port:
    """A port to look at. C(server_name) is the SNI and may be a name or empty; C(timeout) is in seconds."""

    host: str
    port: int
    server_name: str
    timeout: float
    client_certificate: str | None = None

    def __str__(self) -> str:
        """Write host and port as in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Served:
    """What was seen: DER certificates, leaf first; C(whole_chain) is false where only the leaf can be seen.

    C(handshake_error) is what the handshake ended with after the certificates had come, such as a server that
    demands a client certificate in TLS 1.2.
    """

    chain: list[bytes]
    whole_chain: bool
    tls_version: str | None
    handshake_error: str | None


def served(port: Port) -> Served:
    """Shake hands with the port and return what it served; raises when no certificate came."""
    context = _context(port)
    with _connected(port) as connection, _wrapped(context, connection, port) as tls:
        error = _handshake_error(tls)
        # The certificates come before the server judges the client, so they are there after a refusal too.
        chain = _chain(tls)
        if chain is not None:
            return _checked(port, Served(chain, True, tls.version(), error))
        leaf = tls.getpeercert(binary_form=True) if error is None else None
        return _checked(port, Served([leaf] if leaf else [], False, tls.version(), error))


def _context(port: Port) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(_ANY_STRENGTH)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    if port.client_certificate is not None:
        _present(context, port.client_certificate)
    return context


def _present(context: ssl.SSLContext, path: str) -> None:
    try:
        # An empty password keeps OpenSSL from asking for one on the terminal.
        context.load_cert_chain(path, password="")
    except FileNotFoundError as error:
        raise OrthancTlsError(
            f"client_certificate: {path} is not there; name a PEM with key, leaf and chain."
        ) from error
    except OSError as error:
        raise OrthancTlsError(
            f"client_certificate: {path} cannot be used ({_text(error)}); "
            "expected a readable PEM with an unencrypted key and the certificate that belongs to it."
        ) from error


@contextlib.contextmanager
def _connected(port: Port) -> Iterator[socket.socket]:
    try:
        connection = socket.create_connection((port.host, port.port), timeout=port.timeout)
    except (OSError, UnicodeError) as error:
        raise OrthancTlsError(
            f"Cannot connect to {port}: {_text(error)}; check the address, the service and the firewall."
        ) from error
    with connection:
        yield connection


def _wrapped(context: ssl.SSLContext, connection: socket.socket, port: Port) -> ssl.SSLSocket:
    try:
        return context.wrap_socket(connection, server_hostname=port.server_name or None, do_handshake_on_connect=False)
    except ValueError as error:
        raise OrthancTlsError(f"server_name {port.server_name!r} is no host name ({error}); correct it.") from error


def _handshake_error(tls: ssl.SSLSocket) -> str | None:
    try:
        tls.do_handshake()
    except (OSError, ValueError) as error:
        return _text(error)
    return None


def _chain(tls: ssl.SSLSocket) -> list[bytes] | None:
    """Return the served chain; C(None) where this Python cannot tell.

    Public since Python 3.13; 3.10 to 3.12 have the same method on the inner object only.
    """
    if hasattr(tls, "get_unverified_chain"):
        return list(tls.get_unverified_chain())
    inner: Any = getattr(tls, "_sslobj", None)
    if not hasattr(inner, "get_unverified_chain"):
        return None
    return [certificate.public_bytes(_ENCODING_DER) for certificate in inner.get_unverified_chain() or []]


def _checked(port: Port, seen: Served) -> Served:
    if seen.chain:
        return seen
    raise OrthancTlsError(
        f"{port} served no certificate: {seen.handshake_error or 'the handshake ended without one'}; "
        "check that the port speaks TLS."
    )


def _text(error: Exception) -> str:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None)
    return str(reason or error)
