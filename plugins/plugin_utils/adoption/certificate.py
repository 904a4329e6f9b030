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

from ansible_collections.openimaging.orthanc.plugins.module_utils.bundles.checks import (
    checked_bundle,
    self_signed,
    signed_by,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    certificate_pem,
    fingerprint_sha256,
    load_certificates,
    names_of,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.facts import extended_key_usage
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.pem import Source, read
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import name_text
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.host_names import general_name

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
    leaf, *sent = _certificates([served])
    facts = f"SHA-256 {fingerprint_sha256(leaf)}, until {utc_text(not_after(leaf))}"
    what = f"The server certificate {name_text(leaf.subject)} in {served['path']} ({facts})"
    path = _path(leaf, [*sent, *_certificates(pem_files)], now)
    against = "adopt_new_certificate asks for it" if replace else _against(served, leaf, path, fqdn, now)
    if against is None:
        # Whoever calls has to know the root, and what is not sent.
        trust = [issuer for issuer in path[:-1] if issuer not in sent] + path[-1:]
        return AdoptedCertificate(
            f"{what} is kept, and its clients go on as before. No run renews it. Once its clients trust "
            "the fleet's CA, take orthanc_server_certificate out of the host's variables and run site.yml for this "
            "host, and then for all.",
            {"path": served["path"], "ca_certificates": b"".join(map(certificate_pem, trust)).decode()},
        )
    return AdoptedCertificate(
        f"{what} is replaced by one of the fleet's own issuer, as {against}. Whoever trusts only the present one "
        "refuses this Orthanc from then on.",
        None,
    )


def _against(
    served: Mapping[str, Any], leaf: x509.Certificate, path: Sequence[x509.Certificate], fqdn: str, now: datetime
) -> str | None:
    """Say why the fleet cannot use it: its hosts ask who they call, and check name, dates and issuer."""
    usages = extended_key_usage(leaf)
    if not not_before(leaf) <= now < not_after(leaf):
        return f"it is not valid today ({utc_text(not_before(leaf))} to {utc_text(not_after(leaf))})"
    if not any(_covers(name, general_name(fqdn.lower())) for name in _names(leaf)):
        return f"it does not name {fqdn}, by which the fleet calls this host (orthanc_fqdn)"
    if usages and "serverAuth" not in usages:
        return f"it is for {', '.join(usages)}, and not for a server"
    if not path:
        return f"the root of its issuer, {name_text(leaf.issuer)}, is in none of the PEM files that Orthanc names"
    try:
        checked_bundle(read([Source(served["path"], "".join(served["certificates"]).encode())]), "chain", now)
    except OrthancTlsError as error:
        return f"there is something wrong with the file: {error}"
    return None


def _names(leaf: x509.Certificate) -> Iterator[str]:
    """The alternative names, and where there are none the host name that is the common name (RFC 2818)."""
    names = names_of(leaf)
    yield from names
    if not names:
        common = (str(part.value).lower() for part in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
        yield from (name for name in map(general_name, common) if name.startswith("DNS:"))


def _covers(name: str, wanted: str) -> bool:
    if name.startswith("DNS:*."):
        parent = name.removeprefix("DNS:*.")
        return "." in parent and wanted.startswith("DNS:") and wanted.partition(".")[2] == parent
    return name == wanted


def _path(leaf: x509.Certificate, known: Sequence[x509.Certificate], now: datetime) -> list[x509.Certificate]:
    """Return the issuers up to the one that signed itself, the leaf alone where it did, and none if one lacks."""
    if self_signed(leaf):
        return [leaf]
    issuers = [other for other in known if signed_by(leaf, other) and not_before(other) <= now < not_after(other)]
    for issuer in sorted(issuers, key=lambda other: not self_signed(other)):
        rest = [] if self_signed(issuer) else _path(issuer, [other for other in known if other != issuer], now)
        if self_signed(issuer) or rest:
            return [issuer, *rest]
    return []


def _certificates(pem_files: Sequence[Mapping[str, Any]]) -> list[x509.Certificate]:
    return [
        certificate
        for file in pem_files
        for pem in file["certificates"]
        for certificate in load_certificates(pem.encode(), file["path"])
    ]
