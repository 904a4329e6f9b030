# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One certificate authority as it lies in its folder, readable with openssl and nothing else."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    certificate_pem,
    fingerprint_sha256,
    is_ca,
    issued_by,
    load_certificates,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import Signer
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import load_private_key, public_key_sha256
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import IssuedBy
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import name_text
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.new_authority import (
    CRL,
    EXPIRED,
    ISSUING,
    ISSUING_CRL,
    ISSUING_KEY,
    ROOT,
    ROOT_KEY,
)

with contextlib.suppress(ImportError):  # AuthorityFolder says what is missing
    from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from cryptography import x509

_ENCRYPTED_KEY = re.compile(
    rb"\s*-----BEGIN ENCRYPTED PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END ENCRYPTED PRIVATE KEY-----\s*"
)


@dataclass(frozen=True)
class Authority:
    """A root, and the CA that issues: the root itself, or the intermediate that it signed."""

    generation: str
    folder: str
    root: x509.Certificate
    issuing: x509.Certificate

    @property
    def subject(self) -> str:
        """Return the root's distinguished name (RFC 4514)."""
        return self.root.subject.rfc4514_string({NameOID.SERIAL_NUMBER: "serialNumber"})

    @property
    def common_name(self) -> str:
        """Return the root's common name."""
        return str(self.root.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def chain(self) -> list[x509.Certificate]:
        """Return what a leaf is sent with: the intermediate, or nothing."""
        return [] if self.issuing == self.root else [self.issuing]

    @property
    def chain_pem(self) -> bytes:
        """Return C(chain) as PEM."""
        return b"".join(map(certificate_pem, self.chain))

    @property
    def issuing_sha256(self) -> str:
        """Return the fingerprint of the certificate that issues."""
        return fingerprint_sha256(self.issuing)

    @property
    def leaf_issuer(self) -> IssuedBy:
        """Return the certificate that issues, as a leaf's order names it."""
        return IssuedBy(name_text(self.issuing.subject), self.issuing_sha256)

    @property
    def key_path(self) -> str:
        """Return the path of the encrypted key that issues."""
        return os.path.join(self.folder, ISSUING_KEY if self.chain else ROOT_KEY)

    @property
    def key_paths(self) -> list[str]:
        """Return the paths of its encrypted keys: the root's, which may be kept off-line, and the intermediate's."""
        return [os.path.join(self.folder, name) for name in (ROOT_KEY, *([ISSUING_KEY] if self.chain else []))]

    @property
    def expired_path(self) -> str:
        """Return the path of an expired client certificate of this CA, with its key and chain."""
        return os.path.join(self.folder, EXPIRED)

    @property
    def crls(self) -> list[tuple[x509.Certificate, str, str]]:
        """Return each of its CAs with the paths of its encrypted key and its CRL."""
        own = [(self.root, ROOT_KEY, CRL), *([(self.issuing, ISSUING_KEY, ISSUING_CRL)] if self.chain else [])]
        return [(ca, os.path.join(self.folder, key), os.path.join(self.folder, crl)) for ca, key, crl in own]

    def check_key(self) -> None:
        """Raise unless the key that issues is a whole file that nobody else can read; it is not decrypted."""
        _check_key_file(self.key_path)

    def signer(self, passphrase: str | None) -> Signer:
        """Decrypt the key that issues. Raises on a missing or wrong passphrase, a damaged or a foreign key."""
        return signer_of(self.issuing, self.key_path, passphrase)


def signer_of(certificate: x509.Certificate, key_path: str, passphrase: str | None) -> Signer:
    """Decrypt the key of a CA. Raises on a missing or wrong passphrase, a damaged or a foreign key."""
    _check_key_file(key_path)
    key = load_private_key(read_file(key_path), passphrase, key_path)
    if public_key_sha256(key.public_key()) != public_key_sha256(certificate.public_key()):  # type: ignore[arg-type]
        raise OrthancTlsError(f"{key_path} is not the key of the certificate beside it; restore both from one backup.")
    return Signer(certificate, key)


def load_authority(folder: str) -> Authority:
    """Read and check an authority's certificates; its key is needed only by what signs, and may be gone."""
    root = _certificate(os.path.join(folder, ROOT))
    issuing_path = os.path.join(folder, ISSUING)
    issuing = _certificate(issuing_path) if os.path.lexists(issuing_path) else root
    if not issued_by(root, root) or not issued_by(issuing, root):
        raise OrthancTlsError(
            f"The certificates in {folder} do not sign one another; restore the folder from a backup."
        )
    return Authority(os.path.basename(folder), folder, root, issuing)


def read_file(path: str) -> bytes:
    """Read a file of the CA. Raises with its path when that fails."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise OrthancTlsError(
            f"Cannot read {path} of the CA: {error.strerror}; restore the CA's folder from a backup."
        ) from error


def _certificate(path: str) -> x509.Certificate:
    certificates = load_certificates(read_file(path), path)
    if len(certificates) != 1 or not is_ca(certificates[0]):
        raise OrthancTlsError(f"{path} holds something else than one CA certificate; restore it from a backup.")
    return certificates[0]


def _check_key_file(path: str) -> None:
    if not _ENCRYPTED_KEY.fullmatch(read_file(path)):
        raise OrthancTlsError(f"{path} is damaged: it holds no whole encrypted private key; restore it from a backup.")
    mode = stat.S_IMODE(os.stat(path).st_mode)
    if mode & 0o077:
        raise OrthancTlsError(f"{path} has mode {mode:04o}, so that others can read the CA's key; chmod 0600 it.")
