# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe's TLS client trusts, presents and speaks (cryptography only for throwaway certificates)."""

from __future__ import annotations

import functools
import os
import ssl
import warnings
from dataclasses import dataclass, field
from types import ModuleType

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.handshake import file_of, handshake

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
OLD_VERSIONS = ("1.0", "1.1")
_SPOKEN = {"1.0": "TLSv1", "1.1": "TLSv1.1"}
# Distributions shut TLS 1.0 and 1.1 out by the security level: their handshakes are signed with SHA-1.
_OLD_CIPHERS = "DEFAULT:@SECLEVEL=0"


@dataclass(frozen=True)
class TlsSettings:
    """The TLS side of a probe.

    C(certificate) and C(ca_certificates) are absolute paths or PEM text. Without C(ca_certificates) the system's
    store is trusted. C(stranger) presents a client certificate that nobody knows: of a CA, in the name of one of
    the system's store that is not in C(stranger_except), or self-signed.
    """

    minimum: str
    maximum: str
    ca_certificates: str | None = None
    check_hostname: bool = True
    certificate: str | None = field(default=None, repr=False)
    stranger: str | None = None
    stranger_except: str | None = None


def client_context(settings: TlsSettings) -> ssl.SSLContext:
    """Return a context that verifies the server; raises when a certificate cannot be used.

    Not for threads that run at the same time: it silences warnings for the whole process.
    """
    context = _context(ssl.PROTOCOL_TLS_CLIENT, settings.minimum, settings.maximum)
    context.check_hostname = settings.check_hostname
    _trust(context, settings.ca_certificates)
    if settings.stranger is not None:
        _present_text(
            context, _throwaway().stranger_pem(settings.stranger, _trusted_by_server(settings.stranger_except))
        )
    elif settings.certificate is not None:
        _present(context, settings.certificate)
    return context


@functools.cache
def speaks(version: str) -> bool:
    """Whether this Python and its OpenSSL can speak an old TLS version: shown by a whole handshake in memory."""
    pem = _throwaway().server_pem()
    try:
        client = _context(ssl.PROTOCOL_TLS_CLIENT, version, version)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
        server = _context(ssl.PROTOCOL_TLS_SERVER, version, version)
        _present_text(server, pem)
        return handshake(client, server) == _SPOKEN[version]
    except (ssl.SSLError, ValueError):
        return False


def _throwaway() -> ModuleType:
    """Load what needs cryptography, late: most probes do without it."""
    import cryptography  # noqa: F401  # where it is missing, the caller gets the ImportError

    from ansible_collections.openimaging.orthanc.plugins.module_utils.tls import throwaway

    return throwaway


def is_pem(text: str) -> bool:
    """Whether a value is PEM text rather than a path."""
    return "-----BEGIN " in text


def _context(protocol: int, minimum: str, maximum: str) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = VERSIONS[minimum]
        context.maximum_version = VERSIONS[maximum]
    if minimum in OLD_VERSIONS:
        context.set_ciphers(_OLD_CIPHERS)
    return context


def _trust(context: ssl.SSLContext, ca_certificates: str | None) -> None:
    if ca_certificates is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        return
    text = is_pem(ca_certificates)
    try:
        if text:
            context.load_verify_locations(cadata=ca_certificates)
        else:
            context.load_verify_locations(cafile=ca_certificates)
    except (OSError, ValueError) as error:
        raise OrthancTlsError(
            f"ca_certificates: {'the PEM text' if text else ca_certificates} cannot be used ({_reason(error)}); "
            "expected PEM certificates that the server's certificate is checked against."
        ) from error


def _trusted_by_server(pem: str | None) -> bytes:
    if pem is None or is_pem(pem):
        return (pem or "").encode()
    try:
        with open(pem, "rb") as file:
            return file.read()
    except OSError as error:
        raise OrthancTlsError(
            f"forge_except: {pem} cannot be read ({error.strerror}); expected PEM certificates."
        ) from error


def _present(context: ssl.SSLContext, certificate: str) -> None:
    if is_pem(certificate):
        _present_text(context, certificate.encode())
        return
    # The option may hold a key, so Ansible masks its whole value in every message: the path is said in two parts.
    folder, name = os.path.split(certificate)
    _present_file(context, certificate, f"{name} in {folder}")


def _present_text(context: ssl.SSLContext, pem: bytes) -> None:
    with file_of(pem) as path:
        _present_file(context, path, "the PEM text")


def _present_file(context: ssl.SSLContext, path: str, name: str) -> None:
    def refuse_to_ask() -> str:
        raise OrthancTlsError(f"certificate: the key of {name} is encrypted; expected an unencrypted key.")

    try:
        context.load_cert_chain(path, password=refuse_to_ask)
    except OSError as error:
        raise OrthancTlsError(
            f"certificate: {name} cannot be used ({_reason(error)}); "
            "expected a PEM with a key, the certificate that belongs to it, and its intermediates in their order."
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return "the key does not belong to the first certificate"
    if isinstance(error, ssl.SSLError):
        return "not the expected PEM"
    return str(getattr(error, "strerror", None) or error)
