# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server certificate of an Orthanc that was set up by hand is kept where the fleet can use it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.certificate_facts import extended_key_usage
from ansible_collections.openimaging.orthanc.plugins.module_utils.certificates import (
    certificate_pem,
    fingerprint_sha256,
    load_certificates,
    names_of,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.fleet import general_name
from ansible_collections.openimaging.orthanc.plugins.module_utils.leaf import name_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.pem_checks import self_signed, signed_by

with contextlib.suppress(ImportError):  # the module that calls says what is missing
    from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from cryptography import x509


@dataclass(frozen=True)
class AdoptedCertificate:
    """C(variable) is what orthanc_server_certificate becomes, C(None) where the certificate is replaced."""

    notice: str
    variable: dict[str, Any] | None


def adopted_certificate(
    pem_files: Sequence[Mapping[str, Any]], fqdn: str, now: datetime, *, replace: bool
) -> AdoptedCertificate | None:
    """Say what becomes of what Orthanc serves with; C(None) where there is no certificate.

    C(pem_files) are those that C(orthanc_configuration_info) found. C(fqdn) is what the fleet calls the host by;
    C(replace) says that it is not to be kept.
    """
    served = next((file for file in pem_files if file["setting"] == "SslCertificate" and file["certificates"]), None)
    if served is None:
        return None
    leaf, *others = _certificates([served])
    facts = f"SHA-256 {fingerprint_sha256(leaf)}, until {utc_text(not_after(leaf))}"
    what = f"The server certificate {name_text(leaf.subject)} in {served['path']} ({facts})"
    root = _root(leaf, [*others, *_certificates(pem_files)])
    against = "adopt_new_certificate asks for it" if replace else _against(leaf, root, fqdn, now)
    if against is None and root is not None:
        return AdoptedCertificate(
            f"{what} is kept, so whoever trusts it goes on as before. Nobody but you renews it. Once its clients trust "
            "the fleet's CA, take orthanc_server_certificate out of the host's variables and run site.yml.",
            {"path": served["path"], "ca_certificates": certificate_pem(root).decode()},
        )
    return AdoptedCertificate(
        f"{what} is replaced by one of the fleet's own issuer, as {against}. Whoever trusts only the present one "
        "refuses this Orthanc from then on.",
        None,
    )


def _against(leaf: x509.Certificate, root: x509.Certificate | None, fqdn: str, now: datetime) -> str | None:
    """Say why the fleet cannot use it: its hosts ask who they call, and check name, dates and issuer."""
    usages = extended_key_usage(leaf)
    if not not_before(leaf) <= now < not_after(leaf):
        return f"it is not valid today ({utc_text(not_before(leaf))} to {utc_text(not_after(leaf))})"
    if not any(_covers(name, general_name(fqdn.lower())) for name in _names(leaf)):
        return f"it does not name {fqdn}, by which the fleet calls this host (orthanc_fqdn)"
    if usages and not {"serverAuth", "anyExtendedKeyUsage"} & set(usages):
        return f"it is for {', '.join(usages)}, and not for a server"
    if root is None:
        return f"the root of its issuer, {name_text(leaf.issuer)}, is in none of the PEM files that Orthanc names"
    return None


def _names(leaf: x509.Certificate) -> Iterator[str]:
    """The alternative names, and where there are none the common name, which TLS clients take then (RFC 2818)."""
    names = names_of(leaf)
    yield from names
    if not names:
        yield from (
            general_name(str(part.value).lower()) for part in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        )


def _covers(name: str, wanted: str) -> bool:
    if name.startswith("DNS:*."):
        return wanted.startswith("DNS:") and wanted.partition(".")[2] == name.removeprefix("DNS:*.")
    return name == wanted


def _root(leaf: x509.Certificate, known: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """Follow the issuers to the certificate that signed itself, by which the leaf is trusted."""
    found: x509.Certificate | None = leaf
    for _step in known:
        if found is None or self_signed(found):
            break
        found = next((other for other in known if signed_by(found, other)), None)
    return found if found is not None and self_signed(found) else None


def _certificates(pem_files: Sequence[Mapping[str, Any]]) -> list[x509.Certificate]:
    return [
        certificate
        for file in pem_files
        for pem in file["certificates"]
        for certificate in load_certificates(pem.encode(), file["path"])
    ]
