# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of C(certificate): what a node should hold, by the task and the CA folder, and the signature.

Names and usages come from the task; of a node's signing request only the public key is taken.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import (
    parse_duration,
    renewal_window,
    utc_text,
)
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
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import check_csr, sign_leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key, key_type_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import canonical_names
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import (
    key_identifier,
    name_text,
    read_leaf,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder

if TYPE_CHECKING:
    from cryptography import x509

    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PublicKey
    from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.authority import Authority


@dataclass(frozen=True)
class CertificateOrder:
    """One node's identity as the task orders it; C(authority) is C(None) in check mode before there is a CA."""

    folder: AuthorityFolder
    authority: Authority | None
    issuers: dict[str, str]
    spec: IdentitySpec
    lifetime: timedelta

    @classmethod
    def of(cls, options: Mapping[str, Any], host: str, *, check_mode: bool) -> CertificateOrder:
        """Resolve a task's options for a host. Raises on any that are wrong, before the node is reached."""
        common_name, names, lifetime, window = wanted_leaf(options, host)
        folder = AuthorityFolder(options["ca_path"])
        missing = check_mode and not (folder.exists() and folder.active_generation())
        authority, trusted, retired = (None, [], []) if missing else _read(folder)
        spec = IdentitySpec(
            common_name=common_name,
            names=names,
            extended_key_usage=sorted(set(options["extended_key_usage"])),
            key_type=options["key_type"],
            window=window,
            issuer=name_text(authority.issuing.subject) if authority else None,
            issuer_sha256=authority.issuing_sha256 if authority else None,
            trust={
                CLIENT_TRUST: _bundle(trusted, options["client_ca_certificates"], "client_ca_certificates"),
                SERVER_TRUST: _bundle(trusted, options["server_ca_certificates"], "server_ca_certificates"),
            },
            force=options["force"],
            trust_only=options["trust_only"],
        )
        issuers = {known.issuing_sha256: key_identifier(known.issuing) for known in [*trusted, *retired]}
        return cls(folder, authority, issuers, spec, lifetime)

    def sign(self, csr: bytes, passphrase: str | None, now: datetime) -> dict[str, Any]:
        """Sign for the key of a signing request, record it, and return what the node installs."""
        public_key = check_csr(csr)
        if key_type_of(public_key) != self.spec.key_type:
            raise OrthancTlsError(
                f"The node sent a key of type {key_type_of(public_key)}, and {self.spec.key_type} was asked for; "
                "nothing was signed."
            )
        leaf = self._signed(public_key, passphrase, now)
        self.folder.record_issued(leaf)
        authority = self._authority()
        return {
            "leaf": read_leaf(leaf, authority.issuing).to_arguments(),
            "cert": certificate_pem(leaf).decode(),
            "chain": authority.chain_pem.decode(),
        }

    def rehearse(self, passphrase: str | None, now: datetime) -> dict[str, str]:
        """Sign for a key that is thrown away: raise whatever would stop C(sign), and return the dates."""
        leaf = self._signed(generate_key("ecdsa-p256").public_key(), passphrase, now)
        return {"not_before": utc_text(not_before(leaf)), "not_after": utc_text(not_after(leaf))}

    def _signed(self, public_key: PublicKey, passphrase: str | None, now: datetime) -> x509.Certificate:
        return sign_leaf(
            self._authority().signer(passphrase),
            public_key,
            common_name=self.spec.common_name,
            names=self.spec.names,
            extended_key_usage=self.spec.extended_key_usage,
            lifetime=self.lifetime,
            window=self.spec.window,
            now=now,
        )

    def _authority(self) -> Authority:
        return self.authority or self.folder.active()


def wanted_leaf(options: Mapping[str, Any], host: str) -> tuple[str | None, list[str], timedelta, timedelta]:
    """Return a leaf's common name, names, lifetime and renewal window, whoever issues it."""
    if not os.path.isabs(options["path"]):
        raise OrthancTlsError(f"path is {options['path']!r}, which is relative; write an absolute path.")
    if options["keep"] < 1:
        raise OrthancTlsError(f"keep is {options['keep']}; at least 1 generation stays, the current one.")
    lifetime = parse_duration(options["lifetime"], "lifetime")
    renew_before = parse_duration(options["renew_before"], "renew_before") if options["renew_before"] else None
    common_name, names = canonical_names(
        options["common_name"], options["subject_alt_name"], allow_wildcard=options["allow_wildcard"]
    )
    return common_name, names, lifetime, renewal_window(lifetime, renew_before, host)


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
