# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private and public keys: make, read, write and name them (cryptography 38 and later)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.key_types import KEY_TYPES

try:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
except ImportError:
    pass  # the module that calls says what is missing

if TYPE_CHECKING:
    PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
    PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey

_CURVE_TYPES = {"secp256r1": "ecdsa-p256", "secp384r1": "ecdsa-p384"}
_LONGEST_PASSPHRASE = 1023  # bytes, the limit of OpenSSL's PEM reader


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


def private_key_pem(key: PrivateKey, passphrase: str | None) -> bytes:
    """Write the key as PKCS#8 PEM, encrypted when there is a passphrase."""
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, _encryption(passphrase))


def load_private_key(pem: bytes, passphrase: str | None, source: str = "the private key") -> PrivateKey:
    """Read a PEM private key; C(source) says in errors where it came from."""
    secret = passphrase.encode() if passphrase and _is_encrypted(pem) else None
    if secret is None and _is_encrypted(pem):
        raise OrthancTlsError(f"{source} is encrypted, and no passphrase was given; set the passphrase.")
    try:
        key = serialization.load_pem_private_key(pem, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise OrthancTlsError(_unreadable(source, encrypted=secret is not None, error=error)) from None
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


def make_csr(key: PrivateKey) -> bytes:
    """Make a PEM certificate signing request that carries the public key and nothing else (RFC 2986)."""
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, signing_hash(key))  # type: ignore[arg-type]
    return request.public_bytes(serialization.Encoding.PEM)


def _encryption(passphrase: str | None) -> serialization.KeySerializationEncryption:
    if passphrase is None:
        return serialization.NoEncryption()
    secret = passphrase.encode()
    if not 0 < len(secret) <= _LONGEST_PASSPHRASE:
        raise OrthancTlsError(
            f"The passphrase is empty or longer than {_LONGEST_PASSPHRASE} bytes, OpenSSL's limit; choose another."
        )
    return serialization.BestAvailableEncryption(secret)


def _is_encrypted(pem: bytes) -> bool:
    return b"ENCRYPTED" in pem


def _unreadable(source: str, *, encrypted: bool, error: Exception) -> str:
    if encrypted and "password" in str(error).lower():
        return f"The passphrase does not open {source}; check the passphrase."
    hint = " (or, one time in hundreds, the passphrase is wrong)" if encrypted else ""
    return f"{source} holds no private key that can be read: it is damaged{hint}; restore it from a backup."
