# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CA's list of the certificates that it has revoked (RFC 5280 section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import not_after, not_before
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import Signer
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import signing_hash

try:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding
except ImportError:
    pass  # whoever signs or reads one says what is missing

if TYPE_CHECKING:
    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PublicKey


@dataclass(frozen=True)
class ReadCrl:
    """What a CRL says: its number, and the serial numbers that are revoked."""

    number: int
    serials: frozenset[int]


def sign_crl(issuer: Signer, revoked: Mapping[int, datetime], number: int, now: datetime) -> bytes:
    """Sign a CRL as PEM; C(revoked) says since when each serial number is.

    It is valid as long as its CA: a program that checks CRLs refuses everybody once one has expired.
    """
    ca = issuer.certificate
    key_identifier = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.subject)
        .last_update(max(now, not_before(ca)))
        .next_update(not_after(ca))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_identifier), critical=False)
    )
    for serial, since in sorted(revoked.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since).build()
        builder = builder.add_revoked_certificate(entry)
    signed = builder.sign(issuer.key, signing_hash(issuer.key))  # type: ignore[arg-type]
    return signed.public_bytes(Encoding.PEM)


def read_crl(pem: bytes, issuer: x509.Certificate) -> ReadCrl | None:
    """Return what a CRL says; C(None) for one that this CA has not signed, or that cannot be read."""
    key: PublicKey = issuer.public_key()  # type: ignore[assignment]
    try:
        crl = x509.load_pem_x509_crl(pem)
        if crl.issuer != issuer.subject or not crl.is_signature_valid(key):
            return None
        number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except (ValueError, x509.ExtensionNotFound):
        return None
    return ReadCrl(number, frozenset(entry.serial_number for entry in crl))
