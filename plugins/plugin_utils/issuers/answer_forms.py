# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates as CAs hand them out: PEM, DER or PKCS#7, one or many, with text around them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.pem import load_der

with contextlib.suppress(ImportError):  # AuthorityFolder says what is missing
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

MOST_BYTES = 256 * 1024
_MOST_CERTIFICATES = 50
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_CERTIFICATES = (b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE")
_PKCS7 = (b"PKCS7", b"PKCS #7 SIGNED DATA", b"CMS")


def certificates_in(data: bytes) -> list[x509.Certificate]:
    """Return every certificate. Raises, as the end of a sentence, where there is none, or something secret."""
    if len(data) > MOST_BYTES:
        raise OrthancTlsError(f"is longer than {MOST_BYTES} bytes.")
    if b"PRIVATE KEY-----" in data:
        raise OrthancTlsError(
            "holds a private key, which must never leave where it was made. Nothing was taken; remove it, and regard "
            "that key as lost."
        )
    found = list(_of_pem(data) if b"-----BEGIN" in data else _of_der(data))
    if not found:
        raise OrthancTlsError("holds no certificate; expected is PEM, DER or PKCS#7.")
    if len(found) > _MOST_CERTIFICATES:
        raise OrthancTlsError(f"holds {len(found)} certificates; expected are a certificate and its issuers.")
    return list(dict.fromkeys(found))


def _of_pem(data: bytes) -> Iterator[x509.Certificate]:
    for block in _BLOCK.finditer(data):
        if block[1] in _CERTIFICATES:
            yield _loaded(lambda pem: [x509.load_pem_x509_certificate(pem)], _relabelled(block[0], block[1]))[0]
        elif block[1] in _PKCS7:
            yield from _loaded(pkcs7.load_pem_pkcs7_certificates, block[0].replace(block[1], b"PKCS7"))


def _of_der(data: bytes) -> Iterator[x509.Certificate]:
    for load in (lambda der: [x509.load_der_x509_certificate(der)], pkcs7.load_der_pkcs7_certificates):
        with contextlib.suppress(OrthancTlsError):
            yield from _loaded(load, data)
            return


def _relabelled(block: bytes, label: bytes) -> bytes:
    return block.replace(label, b"CERTIFICATE")


def _loaded(load: Callable[[bytes], list[x509.Certificate]], data: bytes) -> list[x509.Certificate]:
    try:
        # Every field is read once, so that no later step stumbles over one.
        return [load_der(one.public_bytes(Encoding.DER), "the answer") for one in load(data)]
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise OrthancTlsError(f"holds a certificate that cannot be read ({error}).") from error
