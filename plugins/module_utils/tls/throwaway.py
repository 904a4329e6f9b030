# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that are good for one probe and trusted by nobody."""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError:
    pass  # the module that calls says what is missing

_LIFETIME = timedelta(hours=1)
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def stranger_pem(kind: str, trusted: bytes = b"") -> bytes:
    """Return key and client certificate as PEM, of a CA that nobody knows (with its root), or self-signed.

    With C(system_ca) it names a CA of this system's store as its issuer, and has a signature of another key. A server
    that trusts that CA complains of the signature (decrypt_error), any other one does not know the CA (unknown_ca).
    It names none of C(trusted) (PEM), and where no other CA is in the store, one that nobody knows.

    Nothing but its issuer is wrong with it: dates, names and usages are those of a good client certificate.
    """
    if kind == "self_signed":
        return _self_signed_client()
    authority = _system_authority(trusted) if kind == "system_ca" else None
    return _client_of_unknown_ca() if authority is None else _in_the_name_of(authority)


def _self_signed_client() -> bytes:
    key, name = _new_key(), _name("A stranger")
    leaf = _as_client(_builder(name, name, key.public_key(), ca=False)).sign(key, hashes.SHA256())
    return _key_pem(key) + _pem(leaf)


def _client_of_unknown_ca() -> bytes:
    root_key, key = _new_key(), _new_key()
    issuer = _name("A CA that nobody knows")
    root = _builder(issuer, issuer, root_key.public_key(), ca=True).sign(root_key, hashes.SHA256())
    leaf = _as_client(_builder(_name("A stranger"), issuer, key.public_key(), ca=False)).sign(root_key, hashes.SHA256())
    return _key_pem(key) + _pem(leaf) + _pem(root)


def _in_the_name_of(authority: x509.Certificate) -> bytes:
    """OpenSSL looks for an issuer by its name and by the type of its key; an AKI would have to fit as well."""
    signer = _rsa_key() if isinstance(authority.public_key(), rsa.RSAPublicKey) else _new_key()
    key = _new_key()
    leaf = _as_client(_builder(_name("A stranger"), authority.subject, key.public_key(), ca=False))
    return _key_pem(key) + _pem(leaf.sign(signer, hashes.SHA256()))


def _system_authority(trusted: bytes) -> x509.Certificate | None:
    """Return a CA of what OpenSSL reads where nobody tells it otherwise, with a key that this file has too."""
    names = {authority.subject for authority in _certificates(trusted)}
    for authority in _system_store():
        usable = isinstance(authority.public_key(), (rsa.RSAPublicKey, ec.EllipticCurvePublicKey))
        if usable and authority.subject not in names and _is_valid(authority):
            return authority
    return None


def _system_store() -> Iterator[x509.Certificate]:
    paths = ssl.get_default_verify_paths()
    for file in (*sorted(Path(paths.openssl_capath).glob("*.[0-9]")), Path(paths.openssl_cafile)):
        with contextlib.suppress(OSError):
            yield from _certificates(file.read_bytes())


def _certificates(pem: bytes) -> Iterator[x509.Certificate]:
    """Yield those that can be read."""
    for text in _CERTIFICATE.findall(pem):
        with contextlib.suppress(ValueError):
            yield x509.load_pem_x509_certificate(text)


def _is_valid(certificate: x509.Certificate) -> bool:
    now = datetime.now(UTC)
    if hasattr(certificate, "not_valid_before_utc"):
        return certificate.not_valid_before_utc < now < certificate.not_valid_after_utc
    return certificate.not_valid_before < now.replace(tzinfo=None) < certificate.not_valid_after


def _as_client(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier("urn:orthanc:client:stranger")])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    return builder.add_extension(names, critical=False).add_extension(usage, critical=False)


def server_pem() -> bytes:
    """Return key and self-signed certificate for a TLS server that lives in memory only, as PEM."""
    key = _new_key()
    name = _name("localhost")
    return _key_pem(key) + _pem(_builder(name, name, key.public_key(), ca=False).sign(key, hashes.SHA256()))


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, *, ca: bool
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LIFETIME)
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
