# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The issuer C(local): the CA folder on the control node.

Names and usages come from the task; of a node's signing request only the public key is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
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
    load_texts,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import check_csr
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key, key_type_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import LeafOrder, NoIssuerYet
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import key_identifier, read_leaf
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.revocation import refuse_revoked
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.signing import order_of, sign
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import Order, SignedLeaf
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.ordered_leaf import ordered_leaf

if TYPE_CHECKING:
    from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.authority import Authority


@dataclass(frozen=True)
class CaFolderSigning:
    """Signing with the CA folder's key; C(authority) is C(None) in check mode before there is a CA."""

    folder: AuthorityFolder
    authority: Authority | None
    leaf: LeafOrder
    lifetime: timedelta
    passphrase: str | None = field(repr=False)
    answers_later = False

    def sign(self, csr: bytes, now: datetime) -> SignedLeaf:
        """Sign for the key of a signing request, and record what was signed."""
        public_key = check_csr(csr)
        if key_type_of(public_key) != self.leaf.key_type:
            raise OrthancTlsError(
                f"The node sent a key of type {key_type_of(public_key)}, and {self.leaf.key_type} was asked for; "
                "nothing was signed."
            )
        self._refuse_revoked(now)
        authority = self.authority or self.folder.active()
        leaf = sign(authority, self.passphrase, public_key, self.leaf, self.lifetime, now)
        self.folder.record_issued(leaf)
        return SignedLeaf(read_leaf(leaf, authority.issuing), certificate_pem(leaf), authority.chain_pem)

    def rehearse(self, now: datetime) -> Mapping[str, str]:
        """Sign for a key that is thrown away: raise whatever would stop C(sign), and return the dates."""
        if self.authority is None:
            return {}
        self._refuse_revoked(now)
        public_key = generate_key("ecdsa-p256").public_key()
        leaf = sign(self.authority, self.passphrase, public_key, self.leaf, self.lifetime, now)
        return {"not_before": utc_text(not_before(leaf)), "not_after": utc_text(not_after(leaf))}

    def _refuse_revoked(self, now: datetime) -> None:
        if not self.leaf.force:
            refuse_revoked(self.folder, self.leaf.holder, now, "To give it one, set force (identity_force).")


def local_order(options: Mapping[str, Any], host: str, *, check_mode: bool) -> Order:
    """Resolve a task's options and the CA folder for a host."""
    folder = AuthorityFolder(options["ca_path"])
    missing = check_mode and not (folder.exists() and folder.active_generation())
    authority, trusted, retired = (None, [], []) if missing else _read(folder)
    leaf, lifetime = ordered_leaf(options, host, authority.leaf_issuer if authority else NoIssuerYet())
    leaf = order_of(authority, leaf) if authority else leaf
    trust = {
        CLIENT_TRUST: _bundle(trusted, options["client_ca_certificates"], "client_ca_certificates"),
        SERVER_TRUST: _bundle(trusted, options["server_ca_certificates"], "server_ca_certificates"),
    }

    def refusal(issuer: str) -> OrthancTlsError:
        return OrthancTlsError(
            f"The certificate on {host} was issued by {issuer}, which the CA folder {folder.path} does not hold. "
            "Nothing was changed. Correct ca_path (orthanc_ca_dir) if it names the wrong folder, or restore the folder "
            "from its backup; to give a live fleet another CA, roll it over; to replace this certificate all the same, "
            "set allow_issuer_change (identity_allow_issuer_change)."
        )

    return Order(
        IdentitySpec(leaf, trust, options["trust_only"]),
        TheseIssuers({known.issuing_sha256: key_identifier(known.issuing) for known in [*trusted, *retired]}),
        refusal,
        CaFolderSigning(folder, authority, leaf, lifetime, options["ca_passphrase"]),
    )


def _read(folder: AuthorityFolder) -> tuple[Authority, list[Authority], list[Authority]]:
    """Return the authority that issues, all that are trusted, and all that were."""
    folder.check()
    trusted = folder.authorities()
    generation = folder.active_generation()
    active = next((authority for authority in trusted if authority.generation == generation), None)
    return active or folder.active(), trusted, folder.retired()


def _bundle(trusted: Sequence[Authority], texts: Sequence[str], option: str) -> bytes:
    """Join the roots and the given certificates: each once, in an order that does not depend on the option's."""
    roots = {fingerprint_sha256(authority.root): authority.root for authority in trusted}
    others = {fingerprint_sha256(certificate): certificate for certificate in load_texts(texts, option)}
    ordered = [*roots.values(), *(others[key] for key in sorted(others.keys() - roots.keys()))]
    return b"".join(map(certificate_pem, ordered))
