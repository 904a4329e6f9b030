# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PKCS#12 files (RFC 7292) that Firefox, Chromium, Windows and curl import (cryptography 38 and later).

With a passphrase: PBES2 with AES-256-CBC and PBKDF2, and a MAC with SHA-256, which Windows from 10 (1709) and Server
2019 on calls "AES256-SHA256". Passphrases are tried on the MAC. cryptography makes it with one round or 2,048, by its
version and whatever it is told, so that the program openssl writes the file. For old Windows and the keychain of macOS
it writes 3DES with a MAC of SHA-1, which they alone know. Without a passphrase the content is not
encrypted: a cipher under an empty passphrase would only look like protection, and readers differ in how they encode an
empty one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import private_key_pem, public_key_der
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.openssl_program import Piped, run_openssl

try:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12
except ImportError:
    pass  # AuthorityFolder says what is missing

if TYPE_CHECKING:
    from cryptography import x509

    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PrivateKey


ROUNDS = 200_000
"""For the key, the certificates and the MAC each: some versions of .NET read no file with more than 600,000 in all."""


_STRONG = ("-keypbe", "AES-256-CBC", "-certpbe", "AES-256-CBC", "-macalg", "sha256")
_COMPATIBLE = ("-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1")
_TRIPLE_DES = bytes.fromhex("060a2a864886f70d010c0103")  # pbeWithSHAAnd3-KeyTripleDES-CBC, RFC 7292 appendix C


def is_compatible(data: bytes) -> bool:
    """Say whether a PKCS#12 is encrypted in the way that old Windows and the keychain of macOS know."""
    return _TRIPLE_DES in data


def pkcs12_file(
    name: str,
    key: PrivateKey,
    leaf: x509.Certificate,
    issuers: Sequence[x509.Certificate],
    passphrase: str,
    *,
    compatible: bool = False,
) -> bytes:
    """Return a PKCS#12 with the key, its leaf under a friendly name, and intermediates.

    It is not encrypted when the passphrase is empty. C(compatible) is for what knows weak encryption only.
    """
    # The name is a BMPString, which has no character of another plane (RFC 2985 section 5.5.1).
    friendly = "".join(character if ord(character) < 0x10000 else "\N{REPLACEMENT CHARACTER}" for character in name)
    if not passphrase:
        nothing = serialization.NoEncryption()
        return pkcs12.serialize_key_and_certificates(friendly.encode(), key, leaf, list(issuers) or None, nothing)
    ran = run_openssl(
        *("pkcs12", "-export", "-inkey", Piped(private_key_pem(key))),
        *("-in", Piped(b"".join(map(certificate_pem, [leaf, *issuers]))), "-name", friendly),
        *(_COMPATIBLE if compatible else _STRONG),
        *("-iter", str(ROUNDS)),
        *("-passout", Piped(f"{passphrase}\n".encode(), "fd:{}")),
        standard_input=b"",
    )
    if ran.status != 0 or not pkcs12_holds(ran.output, passphrase, key, leaf, issuers):
        raise OrthancTlsError(f"The program 'openssl' on the control node made no PKCS#12 file: {ran.complaint}.")
    return ran.output


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
