# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a new certificate authority, made in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.crl import sign_crl
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import (
    Signer,
    ca_subject,
    create_intermediate,
    create_root,
    expired_client,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key, private_key_pem
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.encrypted_key import scrypt_pem

if TYPE_CHECKING:
    from cryptography import x509

ROOT, ROOT_KEY = "ca.pem", "ca.key"
ISSUING, ISSUING_KEY = "issuing.pem", "issuing.key"
EXPIRED = "expired.pem"
CRL, ISSUING_CRL = "crl.pem", "issuing-crl.pem"
FIRST_CRL = 1


@dataclass(frozen=True)
class AuthorityOrder:
    """What a new authority shall be; with an intermediate, the root signs it and nothing else."""

    common_name: str
    key_type: str
    lifetime: timedelta
    intermediate: bool = False
    constraints: x509.NameConstraints | None = None

    def __post_init__(self) -> None:
        """Raise for a name that does not fit, before anything is made."""
        ca_subject(self.issuing_name, "0")

    @property
    def issuing_name(self) -> str:
        """Return the common name of the CA that issues."""
        return f"{self.common_name} issuing" if self.intermediate else self.common_name


def authority_files(order: AuthorityOrder, generation: str, passphrase: str, now: datetime) -> dict[str, bytes]:
    """Return the content of each file by its name: certificates, encrypted keys, and the expired client."""
    root_key = generate_key(order.key_type)
    root = create_root(
        root_key,
        ca_subject(order.common_name, generation),
        lifetime=order.lifetime,
        constraints=order.constraints,
        now=now,
    )
    signer = Signer(root, root_key)
    files = {ROOT: certificate_pem(root), ROOT_KEY: scrypt_pem(root_key, passphrase)}
    files[CRL] = sign_crl(signer, {}, FIRST_CRL, now)
    if order.intermediate:
        signer = _intermediate(signer, order, generation, now)
        files[ISSUING] = certificate_pem(signer.certificate)
        files[ISSUING_KEY] = scrypt_pem(signer.key, passphrase)
        files[ISSUING_CRL] = sign_crl(signer, {}, FIRST_CRL, now)
    files[EXPIRED] = _expired_client(signer, generation, now) + files.get(ISSUING, b"")
    return files


def _intermediate(root: Signer, order: AuthorityOrder, generation: str, now: datetime) -> Signer:
    key = generate_key(order.key_type)
    subject = ca_subject(order.issuing_name, generation)
    return Signer(create_intermediate(root, key.public_key(), subject, constraints=order.constraints, now=now), key)


def _expired_client(signer: Signer, generation: str, now: datetime) -> bytes:
    key = generate_key("ecdsa-p256")
    name = f"URI:urn:orthanc:expired:{generation}"
    return private_key_pem(key) + certificate_pem(expired_client(signer, key.public_key(), name=name, now=now))
