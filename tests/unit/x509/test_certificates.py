# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: what is read from them, for every key type, and who signed whom."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from made_certificates import NOW, made

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    certificate_pem,
    fingerprint_sha256,
    is_ca,
    issued_by,
    load_certificates,
    names_of,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import ca_subject, create_root
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import canonical_names

PEM = made("archive").cert_pem


def test_every_certificate_is_read_in_its_order_with_text_between() -> None:
    first, second = made("first"), made("second")
    pem = b"subject=first\n" + first.cert_pem + first.key_pem + b"\nsubject=second\n" + second.cert_pem
    assert load_certificates(pem, "bundle.pem") == [first.certificate, second.certificate]
    assert certificate_pem(first.certificate) == first.cert_pem


@pytest.mark.parametrize(
    ("pem", "complaint"),
    [
        (b"", "bundle.pem holds no certificate"),
        (b"hello", "bundle.pem holds no certificate"),
        (PEM[:200], "bundle.pem holds a certificate that is cut off or damaged"),
        (PEM + PEM[:200], "cut off or damaged"),
        (PEM[:200] + PEM, "cut off or damaged"),
        (PEM.replace(b"MII", b"MIJ", 1), r"cannot be read \("),
    ],
)
def test_damaged_certificates_are_refused_with_their_source(pem: bytes, complaint: str) -> None:
    with pytest.raises(OrthancTlsError, match=complaint):
        load_certificates(pem, "bundle.pem")


def test_dates_are_aware_and_fingerprints_are_hex() -> None:
    certificate = made("archive", days=(-1, 30)).certificate
    assert not_before(certificate) == NOW - timedelta(days=1)
    assert not_after(certificate) == NOW + timedelta(days=30)
    assert fingerprint_sha256(certificate) == hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def test_names_are_spelt_canonically_or_are_none() -> None:
    names = ["DNS:b.example", "IP:2001:db8::1", "DNS:a.example"]
    assert names_of(made("archive", names=names).certificate) == canonical_names(None, names, allow_wildcard=False)[1]
    assert names_of(made("archive").certificate) == []


@pytest.mark.parametrize("key_type", ["ecdsa-p256", "ecdsa-p384", "rsa-2048", "ed25519"])
def test_an_issuer_is_known_by_name_and_signature(key_type: str) -> None:
    ca, namesake, other = (made(name, ca=True, key_type=key_type) for name in ("CA", "CA", "other"))
    leaf = made("archive", ca).certificate
    assert issued_by(leaf, ca.certificate)
    assert not issued_by(leaf, namesake.certificate)
    assert not issued_by(leaf, other.certificate)
    assert is_ca(ca.certificate) and not is_ca(leaf)


def test_an_issuer_of_the_same_name_and_another_key_type_is_no_issuer() -> None:
    leaf = made("archive", made("CA", ca=True, key_type="rsa-2048")).certificate
    for key_type in ("ecdsa-p256", "ed25519"):
        assert not issued_by(leaf, made("CA", ca=True, key_type=key_type).certificate)


FOREIGN_KEYS = {
    "pss": rsa.generate_private_key(65537, 2048),
    "ed448": ed448.Ed448PrivateKey.generate(),
    "p521": ec.generate_private_key(ec.SECP521R1()),
}


@pytest.mark.parametrize("kind", FOREIGN_KEYS)
def test_foreign_kinds_of_signature_are_verified_too(kind: str) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")])
    key = FOREIGN_KEYS[kind]
    algorithm = None if kind == "ed448" else hashes.SHA256()
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH) if kind == "pss" else None
    unsigned = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=1))  # type: ignore[attr-defined]
    certificate = unsigned.sign(key, algorithm, rsa_padding=pss)  # type: ignore[arg-type]
    assert issued_by(certificate, certificate)
    assert not is_ca(certificate)


def test_a_root_of_the_collection_signs_itself() -> None:
    key = generate_key("ecdsa-p384")
    root = create_root(key, ca_subject("CA", "1"), lifetime=timedelta(days=1), constraints=None, now=NOW)
    assert issued_by(root, root) and is_ca(root)
