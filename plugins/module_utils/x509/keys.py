# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private and public keys: make, read, write and name them (cryptography 38 and later)."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.key_types import KEY_TYPES

try:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
except ImportError:
    pass  # the module that calls says what is missing

if TYPE_CHECKING:
    PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
    PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey

_CURVE_TYPES = {"secp256r1": "ecdsa-p256", "secp384r1": "ecdsa-p384"}
_ENCRYPTED_PKCS8 = re.compile(
    rb"-----BEGIN ENCRYPTED PRIVATE KEY-----([A-Za-z0-9+/=\s]{4,})-----END ENCRYPTED PRIVATE KEY-----"
)


def generate_key(key_type: str) -> PrivateKey:
    """Make a new private key of one of C(KEY_TYPES)."""
    if key_type not in KEY_TYPES:
        raise OrthancTlsError(f"key_type is {key_type!r}; expected one of {', '.join(KEY_TYPES)}.")
    if key_type == "ecdsa-p256":
        return ec.generate_private_key(ec.SECP256R1())
    if key_type == "ecdsa-p384":
        return ec.generate_private_key(ec.SECP384R1())
    if key_type == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, int(key_type.partition("-")[2]))


def key_type_of(public_key: object) -> str:
    """Name a public key in the words of C(KEY_TYPES); other kinds get a name that is not among them."""
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        return _CURVE_TYPES.get(public_key.curve.name, f"ecdsa-{public_key.curve.name}")
    if isinstance(public_key, rsa.RSAPublicKey):
        return f"rsa-{public_key.key_size}"
    if isinstance(public_key, ed25519.Ed25519PublicKey):
        return "ed25519"
    return type(public_key).__name__.lower()


def private_key_pem(key: PrivateKey) -> bytes:
    """Write the key as PKCS#8 PEM that is not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def load_private_key(pem: bytes, passphrase: str | None, source: str = "the private key") -> PrivateKey:
    """Read a PEM private key; C(source) says in errors where it came from."""
    secret = passphrase.encode() if passphrase and _is_encrypted(pem) else None
    if secret is None and _is_encrypted(pem):
        raise OrthancTlsError(f"{source} is encrypted, and no passphrase was given; set the passphrase.")
    try:
        key = serialization.load_pem_private_key(pem, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise OrthancTlsError(_unreadable(source, pem, encrypted=secret is not None)) from None
    if not isinstance(key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey, ed25519.Ed25519PrivateKey)):
        raise OrthancTlsError(f"{source} is of a kind that is not supported; expected an RSA, ECDSA or Ed25519 key.")
    return key


def public_key_der(public_key: PublicKey) -> bytes:
    """Return the key's SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7)."""
    return public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_key_sha256(public_key: PublicKey) -> str:
    """Return the SHA-256 of the key's SubjectPublicKeyInfo, in hex."""
    return hashlib.sha256(public_key_der(public_key)).hexdigest()


def signing_hash(key: PrivateKey) -> hashes.HashAlgorithm | None:
    """Return the hash that goes with a signing key; Ed25519 has its own."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size >= 384:
        return hashes.SHA384()
    return hashes.SHA256()


def _is_encrypted(pem: bytes) -> bool:
    return b"ENCRYPTED" in pem


def _unreadable(source: str, pem: bytes, *, encrypted: bool) -> str:
    if encrypted and _is_whole(pem):
        return (
            f"The passphrase does not open {source}; check the passphrase (or the file was changed; then restore it)."
        )
    return f"{source} holds no private key that can be read: it is damaged; restore it from a backup."


def _is_whole(pem: bytes) -> bool:
    """Say whether the encrypted key's outer structure is as long as it says it is (X.690 section 8.1.3).

    The backend cannot be asked: one wrong passphrase in some hundreds decrypts to valid padding, and then it
    complains about the key instead of the passphrase.
    """
    block = _ENCRYPTED_PKCS8.search(pem)
    if block is None:
        return b"-----END" in pem
    try:
        der = base64.b64decode(b"".join(block[1].split()), validate=True)
    except ValueError:
        return False
    if len(der) < 2:
        return False
    octets = der[1] - 0x80 if der[1] > 0x80 else 0
    length = int.from_bytes(der[2 : 2 + octets], "big") if octets else der[1]
    return der[0] == 0x30 and len(der) == 2 + octets + length
