# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's leaf: what it says, and the checks and files of a new one (cryptography 38 and later)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.certificates import (
    certificate_pem,
    fingerprint_sha256,
    issued_by,
    load_certificates,
    names_of,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.generation import (
    CERT,
    CHAIN,
    FULLCHAIN,
    KEY,
    SERVER,
    Leaf,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.keys import (
    key_type_of,
    load_private_key,
    public_key_sha256,
)

try:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError:
    pass  # the module that calls says what is missing

if TYPE_CHECKING:
    from ansible_collections.openimaging.orthanc.plugins.module_utils.keys import PublicKey


def leaf_files(
    key: bytes, certificates: Sequence[bytes], trust: Mapping[str, bytes], now: datetime
) -> tuple[Leaf, dict[str, bytes]]:
    """Check a new leaf against its key, and return what it says and every file of its generation but the manifest.

    C(certificates) are the leaf, each issuer after it, and the root last, which is in none of the leaf's files.
    """
    path = [load_certificates(pem, "what the controller signed")[0] for pem in certificates]
    _check(key, path, now)
    for name, bundle in trust.items():
        load_certificates(bundle, name)
    leaf, *issuers, _root = path
    cert = certificate_pem(leaf)
    chain = b"".join(certificate_pem(issuer) for issuer in issuers)
    files = {KEY: key, CERT: cert, CHAIN: chain, FULLCHAIN: cert + chain, SERVER: key + cert + chain}
    return read_leaf(leaf, path[1]), files | dict(trust)


def read_leaf(leaf: x509.Certificate, issuer: x509.Certificate) -> Leaf:
    """Say what a leaf holds."""
    public_key: PublicKey = leaf.public_key()  # type: ignore[assignment]
    return Leaf(
        common_name=_common_name(leaf),
        names=names_of(leaf),
        extended_key_usage=_extended_key_usage(leaf),
        key_type=key_type_of(public_key),
        not_before=not_before(leaf),
        not_after=not_after(leaf),
        fingerprint_sha256=fingerprint_sha256(leaf),
        public_key_sha256=public_key_sha256(public_key),
        issuer=name_text(issuer.subject),
        issuer_sha256=fingerprint_sha256(issuer),
    )


def issuer_of(pem: bytes) -> tuple[str, str] | None:
    """Return the issuer's name and key identifier (hex, empty where absent); C(None) if unreadable."""
    try:
        leaf = load_certificates(pem, CERT)[0]
        return name_text(leaf.issuer), _authority_key(leaf)
    except (OrthancTlsError, ValueError):
        return None


def name_text(name: x509.Name) -> str:
    """Return a distinguished name as in RFC 4514."""
    return name.rfc4514_string({NameOID.SERIAL_NUMBER: "serialNumber"})


def key_identifier(issuer: x509.Certificate) -> str:
    """Return what its leaves carry as their authority's key identifier (RFC 5280 section 4.2.1.1), in hex."""
    return issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()


def _check(key: bytes, path: Sequence[x509.Certificate], now: datetime) -> None:
    leaf, *issuers = path
    staged = load_private_key(key, None, "The staged key").public_key()
    if public_key_sha256(staged) != public_key_sha256(leaf.public_key()):  # type: ignore[arg-type]
        raise OrthancTlsError("The new certificate is not for the key that this node staged; run the task again.")
    for certificate, issuer in zip(path, issuers, strict=False):
        if not issued_by(certificate, issuer):
            raise OrthancTlsError(
                f"The new certificate's chain is broken: {name_text(certificate.subject)} was not signed by "
                f"{name_text(issuer.subject)}; look at the CA folder."
            )
    for certificate in path:
        if not not_before(certificate) <= now < not_after(certificate):
            raise OrthancTlsError(
                f"The certificate of {name_text(certificate.subject)} is valid from "
                f"{utc_text(not_before(certificate))} to {utc_text(not_after(certificate))}, and this node's clock "
                f"says {utc_text(now)}; set the clock, or renew that certificate."
            )


def _common_name(leaf: x509.Certificate) -> str | None:
    names = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else None


def _extended_key_usage(leaf: x509.Certificate) -> list[str]:
    words = {ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth", ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth"}
    try:
        usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return []
    return sorted(words.get(usage, usage.dotted_string) for usage in usages)


def _authority_key(leaf: x509.Certificate) -> str:
    try:
        identifier = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except x509.ExtensionNotFound:
        return ""
    return identifier.hex() if identifier else ""
