# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two issuers of the tests' own: one signs on the control node, without the CA folder, and one on the node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from authorities import NOW
from cryptography import x509

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.request import (
    OnlyItself,
    SelfSigningOrder,
    TheseIssuers,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import TRUST_FILES
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.spec import IdentitySpec
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    certificate_pem,
    fingerprint_sha256,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import (
    Signer,
    ca_subject,
    check_csr,
    create_root,
    sign_leaf,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import (
    IssuedBy,
    IssuedByItself,
    LeafOrder,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import (
    key_identifier,
    name_text,
    read_leaf,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import (
    NotYetSigned,
    Order,
    SignedLeaf,
    SigningOnNode,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.ordered_leaf import ordered_leaf
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.ordering import ORDERINGS
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.registry import ISSUERS, Issuer

HOUSE = Issuer("house", has_ca_folder=False, signs_on_node=False, stages_renewals=False)
STAMP = Issuer("stamp", has_ca_folder=False, signs_on_node=True, stages_renewals=False)


def _root() -> Signer:
    key = generate_key("ecdsa-p256")
    lifetime = timedelta(days=3650)
    return Signer(create_root(key, ca_subject("House", "1"), lifetime=lifetime, constraints=None, now=NOW), key)


@dataclass
class House:
    """A CA without a folder, and what it has signed."""

    root: Signer = field(default_factory=_root)
    issued: list[x509.Certificate] = field(default_factory=list)
    refuses: bool = False
    answers_later: bool = False
    waits_for: str = ""
    asked: list[bytes] = field(default_factory=list)
    further: bytes = b""

    def order(self, options: Mapping[str, Any], host: str, *, check_mode: bool) -> Order:
        certificate = self.root.certificate
        sha256 = fingerprint_sha256(certificate)
        leaf, lifetime = ordered_leaf(options, host, IssuedBy(name_text(certificate.subject), sha256))
        return Order(
            IdentitySpec(leaf, dict.fromkeys(TRUST_FILES, certificate_pem(certificate) + self.further)),
            TheseIssuers({sha256: key_identifier(certificate)}),
            lambda issuer: OrthancTlsError(f"{host}: {issuer} is not the house."),
            HouseSigning(self, leaf, lifetime),
        )


@dataclass(frozen=True)
class HouseSigning:
    """How the house signs one leaf."""

    house: House
    leaf: LeafOrder
    lifetime: timedelta

    @property
    def answers_later(self) -> bool:
        return self.house.answers_later

    def sign(self, csr: bytes, now: datetime) -> SignedLeaf | NotYetSigned:
        self.house.asked.append(csr)
        if self.house.waits_for:
            return NotYetSigned(self.house.waits_for)
        if self.house.refuses:
            raise OrthancTlsError("The house signs nothing today.")
        certificate = sign_leaf(
            self.house.root,
            check_csr(csr),
            common_name=self.leaf.common_name,
            names=self.leaf.names,
            extended_key_usage=self.leaf.extended_key_usage,
            lifetime=self.lifetime,
            window=self.leaf.window,
            now=now,
        )
        self.house.issued.append(certificate)
        return SignedLeaf(read_leaf(certificate, self.house.root.certificate), certificate_pem(certificate), b"")

    def rehearse(self, now: datetime) -> Mapping[str, str]:
        return {"not_after": utc_text(now + self.lifetime)}


@dataclass
class Stamps:
    """What hosts that sign for themselves are known by: the texts that each sent last."""

    known: dict[str, Any] = field(default_factory=dict)

    def order(self, options: Mapping[str, Any], host: str, *, check_mode: bool) -> Order:
        leaf, lifetime = ordered_leaf(options, host, IssuedByItself())

        def publish(answer: Any, now: datetime) -> bool:
            news = self.known.get(host) != answer
            if not check_mode:
                self.known[host] = answer
            return bool(news)

        return Order(
            IdentitySpec(leaf, dict.fromkeys(TRUST_FILES, b"")),
            OnlyItself(),
            lambda issuer: OrthancTlsError(f"{host}: {issuer} is no stamp of its own."),
            SigningOnNode(SelfSigningOrder(lifetime, activate=True), publish),
            ("Stamps are for tests.",),
        )


def registered(monkeypatch: pytest.MonkeyPatch) -> tuple[House, Stamps]:
    """Put both issuers into the registry, as two rows in two files of the collection would."""
    house, stamps = House(), Stamps()
    for issuer, ordering in ((HOUSE, house.order), (STAMP, stamps.order)):
        monkeypatch.setitem(ISSUERS, issuer.name, issuer)
        monkeypatch.setitem(ORDERINGS, issuer.name, ordering)
    return house, stamps
