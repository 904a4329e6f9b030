# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task's wish for a client's certificate: resolve it, say what is due, and do that on the control node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.bundles.checks import signed_by
from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_duration, renewal_window
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.state import digest
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.holders import CLIENT, holder_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import (
    LeafOrder,
    NoIssuerYet,
    Reason,
    leaf_reason,
    trust_reason,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import (
    canonical_names,
    client_names,
    fitting_common_name,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import name_text, read_leaf
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.authority import Authority
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.revocation import refuse_revoked
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.signing import order_of, sign
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.files import (
    CA,
    ClientFolder,
    Holding,
    Passphrases,
)

if TYPE_CHECKING:
    from cryptography import x509

PASSPHRASE_CHANGED = "passphrase_changed"
COMPATIBILITY_CHANGED = "compatibility_changed"


@dataclass(frozen=True)
class Due:
    """What has to be done and why; C(renews) is false where the files are only written again."""

    reason: str
    renews: bool


@dataclass(frozen=True)
class Seen:
    """What the folder holds: nothing, something damaged (C(fault)), or a client and what its leaf says."""

    holding: Holding | None = None
    leaf: Leaf | None = None
    fault: str | None = None


@dataclass(frozen=True)
class ClientOrder:
    """A task's options, resolved. Without C(authority) it is check mode before the first CA."""

    name: str
    leaf: LeafOrder
    lifetime: timedelta
    folder: ClientFolder
    passphrases: Passphrases
    authorities: AuthorityFolder
    authority: Authority | None
    trust: bytes

    @classmethod
    def of(cls, options: Mapping[str, Any], *, check_mode: bool) -> ClientOrder:
        """Resolve the options. Raises on any that are wrong, before anything is written."""
        name = options["common_name"]
        lifetime = parse_duration(options["lifetime"], "lifetime")
        renew_before = parse_duration(options["renew_before"], "renew_before") if options["renew_before"] else None
        passphrases = Passphrases(
            options["key_passphrase"] or None, options["pkcs12_passphrase"], options["pkcs12_compatibility"]
        )
        authorities = AuthorityFolder(options["ca_path"])
        missing = check_mode and not (authorities.exists() and authorities.active_generation())
        if not missing:
            authorities.check()
        authority = None if missing else authorities.active()
        trust = b"" if missing else authorities.trust_pem()
        leaf = LeafOrder(
            common_name=fitting_common_name(name),
            names=_names(name, options["subject_alt_name"]),
            extended_key_usage=["clientAuth"],
            key_type=options["key_type"],
            window=renewal_window(lifetime, renew_before, name),
            issuer=authority.leaf_issuer if authority else NoIssuerYet(),
            force=options["force"],
            holder=holder_of(CLIENT, name),
        )
        leaf = order_of(authority, leaf) if authority else leaf
        folder = ClientFolder(options["path"], passphrases)
        return cls(name, leaf, lifetime, folder, passphrases, authorities, authority, trust)

    def look(self) -> Seen:
        """Read what is there. Raises when a CA issued it that the CA folder does not hold, unless it is forced."""
        self.folder.check_place()
        try:
            holding = self.folder.holding()
        except OrthancTlsError as error:
            return Seen(fault=str(error))
        if holding is None:
            return Seen()
        if self._issuer(holding.leaf) is None and not self.leaf.force:
            raise self._foreign(holding.leaf)
        return Seen(holding, self.read(holding))

    def due(self, seen: Seen, now: datetime) -> Due | None:
        """Say what has to be done to what is there; C(None) when it is as the task asks."""
        why = self._reason(seen, now)
        if why is not None and why.renews:
            return Due(why.value, renews=True)
        holding = seen.holding
        if holding is None:
            return None
        if holding.key is None:
            return Due(PASSPHRASE_CHANGED, renews=True)
        if why is not None:
            return Due(why.value, renews=False)
        if not (self.folder.key_passphrase_is_right(holding) and self.folder.pkcs12_opens()):
            return Due(PASSPHRASE_CHANGED, renews=False)
        if not self.folder.pkcs12_is_as_compatible():
            return Due(COMPATIBILITY_CHANGED, renews=False)
        if self.folder.faults(holding, self.trust) or not self.folder.pkcs12_is_right(holding):
            return Due(Reason.DAMAGED.value, renews=False)
        return None

    def make(self, ca_passphrase: str | None, now: datetime) -> Holding:
        """Make a key, sign and record its certificate; nothing is written into the client's folder yet."""
        if not self.leaf.force:
            remedy = "To give it one with a new key, name it in clients_reissue, or set force."
            refuse_revoked(self.authorities, self.leaf.holder, now, remedy)
        holding = self.rehearse(ca_passphrase, now)
        self.authorities.record_issued(holding.leaf)
        return holding

    def rehearse(self, ca_passphrase: str | None, now: datetime) -> Holding:
        """Make what C(make) makes and record nothing: raise whatever would stop it."""
        # Reads the folder again, and says what is missing, where check mode went on without.
        authority = self.authority or self.authorities.active()
        key = generate_key(self.leaf.key_type)
        leaf = sign(authority, ca_passphrase, key.public_key(), self.leaf, self.lifetime, now)
        return Holding(self.folder.new_key_pem(key), key, leaf, tuple(authority.chain))

    def read(self, holding: Holding) -> Leaf:
        """Say what a leaf holds. What a stranger issued is its own issuer here, which is never the active CA."""
        issuer = self._issuer(holding.leaf)
        return read_leaf(holding.leaf, issuer.issuing if issuer else holding.leaf)

    def _reason(self, seen: Seen, now: datetime) -> Reason | None:
        if seen.fault is not None:
            return Reason.DAMAGED
        if seen.leaf is None:
            return Reason.MISSING
        trusted = {CA: digest(self.folder.content(CA) or b"")}
        return leaf_reason(self.leaf, seen.leaf, now) or trust_reason({CA: self.trust}, trusted)

    def _issuer(self, leaf: x509.Certificate) -> Authority | None:
        known = [*self.authorities.authorities(), *self.authorities.retired()]
        return next((authority for authority in known if signed_by(leaf, authority.issuing)), None)

    def _foreign(self, leaf: x509.Certificate) -> OrthancTlsError:
        return OrthancTlsError(
            f"The certificate in {self.folder.path} was issued by {name_text(leaf.issuer)}, which the CA folder "
            f"{self.authorities.path} does not hold. Nothing was changed. Correct ca_path if it names the wrong "
            "folder, name another path, or set force to replace the certificate."
        )


def _names(common_name: str, subject_alt_name: list[str]) -> list[str]:
    given = canonical_names(None, subject_alt_name, allow_wildcard=False)[1] if subject_alt_name else []
    return sorted({*client_names(common_name), *given})
