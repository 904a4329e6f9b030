# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of certificates, keys and PEM text, as plain values for results, diffs and reports."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    fingerprint_sha256,
    is_ca,
    names_of,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import key_type_of, public_key_sha256
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.pem import (
    CertificateEntry,
    KeyEntry,
    Source,
    blocks,
    holds_key,
    is_encrypted,
    load_der,
    read_block,
    subject_text,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import name_text

with contextlib.suppress(ImportError):  # the module that calls says what is missing
    from cryptography import x509

# By their object identifiers in RFC 5280 section 4.2.1.12.
_EXTENDED_KEY_USAGES = {
    "1.3.6.1.5.5.7.3.1": "serverAuth",
    "1.3.6.1.5.5.7.3.2": "clientAuth",
    "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection",
    "1.3.6.1.5.5.7.3.8": "timeStamping",
    "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "2.5.29.37.0": "anyExtendedKeyUsage",
}
# RFC 5280 section 4.2.1.3 in the order of its bits, with the attribute that cryptography has for each.
_KEY_USAGES = {
    "digitalSignature": "digital_signature",
    "nonRepudiation": "content_commitment",
    "keyEncipherment": "key_encipherment",
    "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "cRLSign": "crl_sign",
}


def certificate_facts(certificate: x509.Certificate, now: datetime) -> dict[str, Any]:
    """Return what a report wants to know of one certificate.

    C(days_left) counts whole days up to its end and is negative once it has expired; C(serial) and the
    fingerprints are lower-case hex; instants are UTC text.
    """
    end = not_after(certificate)
    public_key = certificate.public_key()
    return {
        "subject": name_text(certificate.subject),
        "issuer": name_text(certificate.issuer),
        "serial": f"{certificate.serial_number:x}",
        "names": names_of(certificate),
        "not_before": utc_text(not_before(certificate)),
        "not_after": utc_text(end),
        "days_left": (end - now) // timedelta(days=1),
        "fingerprint_sha256": fingerprint_sha256(certificate),
        "public_key_sha256": public_key_sha256(public_key),  # type: ignore[arg-type]
        "key_type": key_type_of(public_key),
        "is_ca": is_ca(certificate),
        "extended_key_usage": extended_key_usage(certificate),
        "key_usage": key_usage(certificate),
        "subject_key_identifier": _identifier(certificate, x509.SubjectKeyIdentifier),
        "authority_key_identifier": _identifier(certificate, x509.AuthorityKeyIdentifier),
    }


def _identifier(
    certificate: x509.Certificate, kind: type[x509.SubjectKeyIdentifier] | type[x509.AuthorityKeyIdentifier]
) -> str | None:
    """Return a key identifier in lower-case hex (RFC 5280, sections 4.2.1.1 and 4.2.1.2); None without one."""
    try:
        identifier = certificate.extensions.get_extension_for_class(kind).value.key_identifier
    except x509.ExtensionNotFound:
        return None
    return identifier.hex() if identifier else None


def extended_key_usage(certificate: x509.Certificate) -> list[str]:
    """Return the extended key usages by their names, others as dotted numbers; empty when there is no limit."""
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return []
    return [_EXTENDED_KEY_USAGES.get(usage.dotted_string, usage.dotted_string) for usage in usages]


def key_usage(certificate: x509.Certificate) -> list[str]:
    """Return the key usages by their names in RFC 5280; empty when there is no limit."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return []
    return [name for name, attribute in _KEY_USAGES.items() if getattr(usage, attribute)]


def pem_facts(source: Source, now: datetime) -> dict[str, Any]:
    """Return the facts of a PEM: C(certificates) in its order, and of its private key only what is public.

    C(private_key) is C(None) without one; of an encrypted key nothing but that is known. Blocks of other
    kinds are passed over. Raises when a certificate or a key cannot be read, or when there is neither.
    """
    certificates: list[dict[str, Any]] = []
    private_key: dict[str, Any] | None = None
    for block in blocks(source):
        if is_encrypted(block):
            private_key = {"encrypted": True, "key_type": None, "public_key_sha256": None}
            continue
        entry = read_block(block) if holds_key(block) or block.label.endswith("CERTIFICATE") else None
        if isinstance(entry, KeyEntry):
            private_key = key_facts(entry)
        elif isinstance(entry, CertificateEntry):
            certificates.append(certificate_facts(entry.certificate, now))
    if not certificates and private_key is None:
        raise OrthancTlsError(f"{source.name} holds neither a certificate nor a private key; name another file.")
    return {"certificates": certificates, "private_key": private_key}


def key_facts(entry: KeyEntry) -> dict[str, Any]:
    """Return the public side of a private key."""
    public_key = entry.key.public_key()
    return {
        "encrypted": False,
        "key_type": key_type_of(public_key),
        "public_key_sha256": public_key_sha256(public_key),
    }


def served_facts(chain: Sequence[bytes], now: datetime, source: str) -> list[dict[str, Any]]:
    """Return the facts of certificates in DER, as a TLS server sends them, leaf first."""
    return [certificate_facts(load_der(der, source), now) for der in chain]


def certificate_line(certificate: x509.Certificate) -> str:
    """Describe a certificate in one line of a diff."""
    return (
        f"certificate: {subject_text(certificate)}, {utc_text(not_before(certificate))} to "
        f"{utc_text(not_after(certificate))}, sha256 {fingerprint_sha256(certificate)}"
    )


def pem_lines(data: bytes) -> list[str]:
    """Describe PEM text block by block for a diff, whatever state it is in and without any byte of a key."""
    try:
        found = blocks(Source("the file", data))
    except OrthancTlsError as error:
        return [f"unreadable: {error}"]
    lines = []
    for block in found:
        try:
            entry = read_block(block)
        except OrthancTlsError:
            lines.append(f"{block.label.lower()}: {'encrypted' if is_encrypted(block) else 'unreadable'}")
        else:
            lines.append(_entry_line(entry))
    return lines


def _entry_line(entry: KeyEntry | CertificateEntry) -> str:
    if isinstance(entry, CertificateEntry):
        return certificate_line(entry.certificate)
    facts = key_facts(entry)
    return f"private key: {facts['key_type']}, public key sha256 {facts['public_key_sha256']}"
