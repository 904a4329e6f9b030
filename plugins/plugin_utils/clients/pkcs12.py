# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PKCS#12 files (RFC 7292) that Firefox, Chromium, Windows and curl import (cryptography 38 and later).

With a passphrase: PBES2 with AES-256-CBC and PBKDF2, and a MAC with SHA-256, which Windows from 10 (1709) and Server
2019 on calls "AES256-SHA256". Without one the content is not encrypted: a cipher under an empty passphrase would only
look like protection, and readers differ in how they encode an empty one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import public_key_der

try:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.serialization import pkcs12
except ImportError:
    pass  # AuthorityFolder says what is missing

if TYPE_CHECKING:
    from cryptography import x509

    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PrivateKey


def pkcs12_file(
    name: str, key: PrivateKey, leaf: x509.Certificate, issuers: Sequence[x509.Certificate], passphrase: str
) -> bytes:
    """Return a PKCS#12 with the key, its leaf under a friendly name, and intermediates.

    It is not encrypted when the passphrase is empty.
    """
    return pkcs12.serialize_key_and_certificates(
        name.encode(), key, leaf, list(issuers) or None, _encryption(passphrase)
    )


def pkcs12_key(data: bytes, passphrase: str) -> PrivateKey | None:
    """Return the private key in a PKCS#12; C(None) where the passphrase does not open it, or there is no such key."""
    content = _opened(data, passphrase)
    return content.key if content is not None else None  # type: ignore[return-value]


def pkcs12_holds(
    data: bytes, passphrase: str, key: PrivateKey, leaf: x509.Certificate, issuers: Sequence[x509.Certificate]
) -> bool:
    """Say whether the passphrase opens the PKCS#12 and exactly these are in it."""
    content = _opened(data, passphrase)
    if content is None or content.key is None or content.cert is None:
        return False
    same_key = public_key_der(content.key.public_key()) == public_key_der(key.public_key())  # type: ignore[arg-type]
    others = [other.certificate for other in content.additional_certs]
    return same_key and content.cert.certificate == leaf and others == list(issuers)


def opens(data: bytes, passphrase: str) -> bool:
    """Say whether the passphrase opens the PKCS#12."""
    return _opened(data, passphrase) is not None


def _opened(data: bytes, passphrase: str) -> pkcs12.PKCS12KeyAndCertificates | None:
    try:
        return pkcs12.load_pkcs12(data, passphrase.encode() or None)
    except ValueError:
        return None


def _encryption(passphrase: str) -> serialization.KeySerializationEncryption:
    if not passphrase:
        return serialization.NoEncryption()
    return (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(passphrase.encode())
    )
