# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that are good for one probe and trusted by nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError:
    pass  # the module that calls says what is missing

_LIFETIME = timedelta(hours=1)


def stranger_pem(kind: str) -> bytes:
    """Return key and client certificate as PEM, of a CA that nobody knows (with its root), or self-signed.

    Nothing but its issuer is wrong with it: dates, names and usages are those of a good client certificate.
    """
    return _self_signed_client() if kind == "self_signed" else _client_of_unknown_ca()


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
