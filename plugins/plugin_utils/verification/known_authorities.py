# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verification needs of the CA folder: an expired certificate to try with, and which CAs are retired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import public_key_sha256
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.authority import Authority, read_file
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.known_issuers import shown, unknown_issuer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.seen import SeenCertificate

BUNDLES = {"client_trust": "client-trust.pem", "server_trust": "server-trust.pem"}


@dataclass(frozen=True)
class KnownAuthorities:
    """The CAs of a folder. C(expired_client) is PEM text with key and certificate; C(retired) are subjects by key."""

    path: str
    expired_client: str = field(repr=False)
    subjects: tuple[str, ...]
    retired: Mapping[str, str]

    @classmethod
    def of(cls, path: str) -> KnownAuthorities:
        """Read the folder; no passphrase is needed."""
        folder = AuthorityFolder(path)
        folder.check()
        active, trusted, retired = folder.active(), folder.authorities(), folder.retired()
        still = {_key(authority) for authority in trusted}
        return cls(
            folder.path,
            read_file(active.expired_path).decode(),
            tuple(authority.subject for authority in [*trusted, *retired]),
            {_key(authority): authority.subject for authority in retired if _key(authority) not in still},
        )

    def refuse_stranger(self, host: str, identity: Mapping[str, Any]) -> None:
        """Raise where another CA has issued the identity: then the expired certificate is a stranger's in any case."""
        issuer = unknown_issuer(identity, [{"subject": subject} for subject in self.subjects])
        if issuer:
            raise OrthancTlsError(
                f"{host}: the node's certificate was issued by {shown(issuer)}, which the CA folder {self.path} does "
                "not hold. Correct orthanc_ca_dir (verify_ca_path in the role) if it names the wrong folder, or "
                "restore the folder from its backup."
            )


def _key(authority: Authority) -> str:
    return public_key_sha256(authority.root.public_key())  # type: ignore[arg-type]


def bundle_checks(
    host: str, bundles: Mapping[str, Sequence[SeenCertificate]], retired: Mapping[str, str]
) -> Iterator[Check]:
    """Yield a row for each trust bundle: no CA may be in it that is retired, told by its key."""
    for name, certificates in bundles.items():
        found = [shown(retired[one.public_key_sha256]) for one in certificates if one.public_key_sha256 in retired]
        yield Check(
            host,
            BUNDLES[name],
            expected="no retired CA",
            seen=f"the retired CA {', '.join(found)}" if found else "none",
            ok=not found,
            asks=host,
            remedy=f"Run site.yml --limit {host}: until then the node trusts what that CA has issued." if found else "",
        )
