# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what a leaf says, and who issued it (cryptography 38 and later)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    fingerprint_sha256,
    load_certificates,
    names_of,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import (
    key_type_of,
    public_key_sha256,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf

try:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    _REQUESTED = (x509.SubjectAlternativeName, x509.ExtendedKeyUsage, x509.KeyUsage)
except ImportError:
    pass  # the module that calls says what is missing

if TYPE_CHECKING:
    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PublicKey


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


def read_request(pem: bytes) -> tuple[str | None, list[str], list[str]]:
    """Return the common name, the names and the usages that a CSR asks for. Raises where it asks for anything else."""
    request = x509.load_pem_x509_csr(pem)
    others = [attribute.oid.dotted_string for attribute in request.subject if attribute.oid != NameOID.COMMON_NAME]
    others += [one.oid.dotted_string for one in request.extensions if not isinstance(one.value, _REQUESTED)]
    if others or len(list(request.subject)) > 1:
        raise OrthancTlsError(
            f"The node sent a request for more than names and usages ({', '.join(others) or 'two common names'}); it "
            "was not passed on. No module of this collection answers so: treat the node as compromised."
        )
    return _common_name(request), names_of(request), _extended_key_usage(request)


def issuer_of(pem: bytes, place: int = 0) -> tuple[str, str] | None:
    """Return the issuer's name and key identifier (hex, empty where absent) of one of them; C(None) if unreadable."""
    try:
        leaf = load_certificates(pem, "the leaf")[place]
        return name_text(leaf.issuer), _authority_key(leaf)
    except (OrthancTlsError, ValueError):
        return None


def name_text(name: x509.Name) -> str:
    """Return a distinguished name as in RFC 4514."""
    return name.rfc4514_string({NameOID.SERIAL_NUMBER: "serialNumber"})


def key_identifier(issuer: x509.Certificate) -> str:
    """Return what its leaves carry as their authority's key identifier (RFC 5280 section 4.2.1.1), in hex."""
    return issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()


def _common_name(leaf: x509.Certificate | x509.CertificateSigningRequest) -> str | None:
    names = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else None


def _extended_key_usage(leaf: x509.Certificate | x509.CertificateSigningRequest) -> list[str]:
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
