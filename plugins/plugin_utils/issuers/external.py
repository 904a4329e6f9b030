# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all CAs that are not ours have in common: stated trust, a CSR that says what is asked for, a checked answer."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.request import TheseIssuers
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    SERVER_TRUST,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.spec import IdentitySpec
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    certificate_pem,
    fingerprint_sha256,
    is_ca,
    issued_by,
    load_texts,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import check_csr
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import key_type_of, public_key_sha256
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import IssuedUnder, LeafOrder
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import name_text, read_request
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.trust_bundle import merged
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.foreign_answer import checked, is_for
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import (
    NotYetSigned,
    Order,
    SignedLeaf,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.ordered_leaf import ordered_leaf

with contextlib.suppress(ImportError):  # AuthorityFolder says what is missing
    from cryptography import x509

if TYPE_CHECKING:
    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PublicKey

TRUST = "orthanc_issuer_ca_certificates"
_LONGEST_WAIT = timedelta(seconds=30)
_REQUESTABLE = re.compile(r"[A-Za-z0-9:./@_*~%?&=+!-]+")


@dataclass(frozen=True)
class CaRequest:
    """What a CA is asked for a host: the CSR as PEM, and what it says. C(order_id) is the SHA-256 of its public key."""

    host: str
    csr: bytes
    order_id: str
    leaf: LeafOrder
    lifetime: timedelta


Answer = Callable[[CaRequest], "Sequence[x509.Certificate] | NotYetSigned"]
"""Asks a CA and returns the certificates that it has answered. Raises what stops it, beginning with the host's name."""


@dataclass(frozen=True)
class ForeignSigning:
    """How a CA that is not ours signs: C(answer) asks it, C(source) is what errors call what it answers."""

    host: str
    leaf: LeafOrder
    lifetime: timedelta
    stated: Sequence[x509.Certificate]
    source: str
    answer: Answer
    try_out: Callable[[], None]
    answers_later: bool = field(default=True, init=False)

    def sign(self, csr: bytes, now: datetime) -> SignedLeaf | NotYetSigned:
        """Pass the CSR on, and check what comes back."""
        public_key = self._checked_request(csr)
        answered = self.answer(CaRequest(self.host, csr, public_key_sha256(public_key), self.leaf, self.lifetime))
        if isinstance(answered, NotYetSigned):
            return answered
        _await_start(answered, public_key)
        try:
            found = checked(answered, public_key, self.leaf, self.stated, max(now, datetime.now(UTC)))
        except OrthancTlsError as error:
            raise OrthancTlsError(
                f"{self.host}: {self.source} {error} Nothing was installed, and the present certificate stays."
            ) from error
        return replace(found.signed, warnings=tuple(f"{self.host}: {text}" for text in found.warnings))

    def rehearse(self, now: datetime) -> Mapping[str, str]:
        """Raise what would stop C(sign) before anybody is asked."""
        _check_roots(self.host, self.stated, now)
        self.try_out()
        return {}

    def _checked_request(self, csr: bytes) -> PublicKey:
        """The CA signs what the CSR says: it must be what the inventory orders, and not what the node would like."""
        public_key = check_csr(csr)
        found = read_request(csr)
        wanted = (self.leaf.common_name, self.leaf.names, self.leaf.extended_key_usage, self.leaf.key_type)
        if (*found, key_type_of(public_key)) != wanted:
            raise OrthancTlsError(
                f"{self.host}: the node sent a request for something else than the inventory orders; it was not passed "
                "on. No module of this collection answers so: treat the node as compromised."
            )
        return public_key


def _await_start(answered: Sequence[x509.Certificate], public_key: PublicKey) -> None:
    """Wait where a certificate begins in a moment, as the CA's clock is a little ahead or counts whole seconds."""
    starts = [not_before(one) for one in answered if is_for(one, public_key)]
    ahead = min(starts, default=datetime.now(UTC)) - datetime.now(UTC)
    if timedelta(0) < ahead <= _LONGEST_WAIT:
        time.sleep(ahead.total_seconds())


def external_order(
    options: Mapping[str, Any], host: str, source: str, answer: Answer, try_out: Callable[[], None]
) -> Order:
    """Resolve a task's options for a host whose certificates come from a CA that is not ours."""
    stated = load_texts(options["issuer_ca_certificates"], TRUST) if options["issuer_ca_certificates"] else []
    roots = {fingerprint_sha256(one): one for one in stated if issued_by(one, one)}
    if not roots:
        raise OrthancTlsError(
            f"{host}: {TRUST} (identity_issuer_ca_certificates) has no root certificate of the CA; expected is PEM "
            "text of at least one, as its administrator gives it to you."
        )
    others = [one for one in stated if not is_ca(one)]
    if others:
        raise OrthancTlsError(f"{host}: {TRUST} holds {name_text(others[0].subject)}, which is not a CA. Take it out.")
    name = " or ".join(name_text(root.subject) for root in roots.values())
    leaf, lifetime = ordered_leaf(options, host, IssuedUnder(name, sorted(roots)))
    leaf = replace(leaf, lifetime=lifetime, holder=None)
    _check_requestable(host, leaf)
    own = _own_ca(options["ca_path"])
    trust = {
        CLIENT_TRUST: _bundle(stated, own, options, "client_ca_certificates"),
        SERVER_TRUST: _bundle(stated, own, options, "server_ca_certificates"),
    }

    def refusal(issuer: str) -> OrthancTlsError:
        return OrthancTlsError(
            f"The certificate on {host} was issued by {issuer}, and {TRUST} states {name}. Nothing was changed. "
            "Correct it if it has the wrong root; to replace the certificate all the same, set allow_issuer_change "
            "(identity_allow_issuer_change)."
        )

    return Order(
        IdentitySpec(leaf, trust, options["trust_only"]),
        TheseIssuers({fingerprint_sha256(one): _key_identifier(one) for one in stated}),
        refusal,
        ForeignSigning(host, leaf, lifetime, stated, source, answer, try_out),
    )


def _own_ca(path: str) -> list[x509.Certificate]:
    """Return the roots of the fleet's own CA, where there is one: its clients and nodes are of the same fleet."""
    folder = AuthorityFolder(path)
    return [one.root for one in folder.authorities()] if folder.exists() else []


def _bundle(
    stated: Sequence[x509.Certificate], own: Sequence[x509.Certificate], options: Mapping[str, Any], option: str
) -> bytes:
    return merged(*map(certificate_pem, [*stated, *own, *load_texts(options[option], option)]))


def _key_identifier(certificate: x509.Certificate) -> str:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()
    except x509.ExtensionNotFound:
        return ""


def _check_roots(host: str, stated: Sequence[x509.Certificate], now: datetime) -> None:
    if all(not_after(one) <= now for one in stated if issued_by(one, one)):
        raise OrthancTlsError(f"{host}: every root in {TRUST} has expired; state the CA's present one.")


def _check_requestable(host: str, leaf: LeafOrder) -> None:
    for name in leaf.names:
        if not _REQUESTABLE.fullmatch(name):
            raise OrthancTlsError(
                f"{host}: the name {name!r} cannot be written into a certificate request; expected are letters, digits "
                "and : . / @ _ * ~ % ? & = + ! - alone."
            )
