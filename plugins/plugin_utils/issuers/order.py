# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One node's identity as a task orders it from an issuer: what every issuer says, and who signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.request import (
    AcceptedIssuers,
    AnyIssuer,
    InspectRequest,
    SelfSigningOrder,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.spec import IdentitySpec
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf


@dataclass(frozen=True)
class SignedLeaf:
    """A new leaf: what it says, its PEM, the PEM of its issuers without the root, and what to warn of."""

    leaf: Leaf
    cert: bytes
    chain: bytes
    warnings: tuple[str, ...] = ()

    def to_arguments(self) -> dict[str, Any]:
        """Return it as JSON can carry it to the node."""
        return {"leaf": self.leaf.to_arguments(), "cert": self.cert.decode(), "chain": self.chain.decode()}


@dataclass(frozen=True)
class NotYetSigned:
    """The issuer has taken the order and answers later; C(waits_for) says what for, after the word "for"."""

    waits_for: str


class SigningHere(Protocol):
    """The control node signs for the key that a node made. Both raise what stops that, and then nothing was signed."""

    @property
    def answers_later(self) -> bool:
        """Whether C(sign) may say that there is no leaf yet, so that the node keeps the order."""

    def sign(self, csr: bytes, now: datetime) -> SignedLeaf | NotYetSigned:
        """Sign for the key of a CSR (PEM), of which nothing else is taken."""

    def rehearse(self, now: datetime) -> Mapping[str, str]:
        """Try all of C(sign) that can be tried in check mode; return what the diff shows of the new leaf's dates."""


@dataclass(frozen=True)
class SigningOnNode:
    """The node signs for itself, as C(order) says, and answers with what it is known by.

    C(publish) takes that answer and the time, checks the answer, and keeps it for those who must trust the node. It
    returns whether that is news to them. An answer that nobody may trust is an error that begins after the node's name.
    """

    order: SelfSigningOrder
    publish: Callable[[Any, datetime], bool]


@dataclass(frozen=True)
class Order:
    """One node's identity as a task orders it from an issuer.

    C(accepted) says whose leaves the node may replace. C(refusal) is the error for a leaf of another issuer, by that
    issuer's name. C(warnings) are shown, and stop nothing.
    """

    spec: IdentitySpec
    accepted: AcceptedIssuers
    refusal: Callable[[str], OrthancTlsError]
    signing: SigningHere | SigningOnNode
    warnings: tuple[str, ...] = ()

    def request(self, now: datetime, *, any_issuer: bool) -> InspectRequest:
        """Return what the node is asked first; C(any_issuer) lets it replace a leaf of whatever issuer."""
        return InspectRequest(
            AnyIssuer() if any_issuer else self.accepted,
            utc_text(now),
            self.signing.order if isinstance(self.signing, SigningOnNode) else None,
            keeps_order=not isinstance(self.signing, SigningOnNode) and self.signing.answers_later,
        )


class Ordering(Protocol):
    """How a task's options become an order."""

    def __call__(self, options: Mapping[str, Any], host: str, *, check_mode: bool) -> Order:
        """Resolve the options for a host. Raises on any that are wrong, before the node is reached."""
