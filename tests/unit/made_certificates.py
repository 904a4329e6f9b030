# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of any shape for tests, also of shapes that the collection itself would never issue."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import (
    generate_key,
    private_key_pem,
    signing_hash,
)

if TYPE_CHECKING:
    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PrivateKey

NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Made:
    """A key and its certificate."""

    key: PrivateKey
    certificate: x509.Certificate

    @property
    def cert_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return private_key_pem(self.key)


def made(
    name: str,
    issuer: Made | None = None,
    *,
    ca: bool = False,
    key_type: str = "ecdsa-p256",
    key: PrivateKey | None = None,
    days: tuple[int, int] = (-1, 30),
    names: Sequence[str] = (),
    usages: Sequence[x509.ObjectIdentifier] = (),
) -> Made:
    """Make a certificate; self-signed without an issuer. C(days) are its start and end relative to now."""
    key = key or generate_key(key_type)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), False)
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(usages)), critical=False)
    signer = issuer.key if issuer else key
    return Made(key, builder.sign(signer, signing_hash(signer)))  # type: ignore[arg-type]


def encrypted_pem(key: PrivateKey, passphrase: str) -> bytes:
    """Write a key as PKCS#8 with 2,048 rounds of PBKDF2, as earlier versions of the collection did."""
    protection = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


@lru_cache
def hierarchy() -> tuple[Made, Made, Made]:
    """Return one root, an intermediate and a node's leaf, the same in every test."""
    root = made("Root", ca=True)
    intermediate = made("Intermediate", root, ca=True)
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    leaf = made("node", intermediate, names=["DNS:localhost", "IP:127.0.0.1"], usages=usages)
    return root, intermediate, leaf


def _general_name(name: str) -> x509.GeneralName:
    kind, _colon, value = name.partition(":")
    return x509.IPAddress(ipaddress.ip_address(value)) if kind == "IP" else x509.DNSName(value)
