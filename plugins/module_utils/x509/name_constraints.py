# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name constraints of a CA (RFC 5280 section 4.2.1.10), for DNS names and IP networks."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Sequence

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import canonical_names

with contextlib.suppress(ImportError):  # the module that calls says what is missing
    from cryptography import x509

# What OpenSSL takes for a host name, cn2dnsid in its crypto/x509/v3_ncons.c.
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_HOST_LIKE = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")


def name_constraints(permitted: Sequence[str], excluded: Sequence[str]) -> x509.NameConstraints | None:
    """Build the extension from C(DNS:example.org) and C(IP:10.0.0.0/8), or C(None) where nothing is constrained."""
    if not permitted and not excluded:
        return None
    return x509.NameConstraints(_subtrees(permitted) or None, _subtrees(excluded) or None)


def check_names(names: Sequence[str], issuer: x509.Certificate) -> None:
    """Raise when the issuer's constraints forbid one of the canonical names, as every verifier would."""
    constraints = _constraints_of(issuer)
    if constraints is None:
        return
    for name in names:
        if not _allowed(name, constraints):
            raise OrthancTlsError(
                f"The CA's name constraints forbid {name}: no client would accept the certificate; "
                "take another name, or roll over to a CA that allows it."
            )


def allowed_common_name(
    common_name: str | None,
    names: Sequence[str],
    extended_key_usage: Sequence[str],
    issuers: Sequence[x509.Certificate],
) -> str | None:
    """Return the common name, or C(None) where verifiers would take it for a DNS name that the constraints forbid.

    Without a DNS name among the alternative ones OpenSSL does so with all that looks like a host name of two labels or
    more, an IPv4 address too, and GnuTLS with any common name of a server. The names stay, and name the holder alone.
    """
    if common_name is None or any(name.startswith("DNS:") for name in names):
        return common_name
    if "serverAuth" not in extended_key_usage and not _HOST_LIKE.fullmatch(common_name):
        return common_name
    constraints = [found for issuer in issuers if (found := _constraints_of(issuer)) is not None]
    return common_name if all(_allowed(f"DNS:{common_name}", one) for one in constraints) else None


def _constraints_of(issuer: x509.Certificate) -> x509.NameConstraints | None:
    try:
        return issuer.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return None


def _subtrees(texts: Sequence[str]) -> list[x509.GeneralName]:
    return [_subtree(text) for text in texts]


def _subtree(text: str) -> x509.GeneralName:
    kind, value = text.partition(":")[::2]
    if kind == "DNS":
        return x509.DNSName(canonical_names(None, [text], allow_wildcard=False)[1][0].partition(":")[2])
    try:
        if kind == "IP":
            return x509.IPAddress(ipaddress.ip_network(value))
    except ValueError as error:
        raise OrthancTlsError(f"The name constraint {text!r} is no IP network: {error}.") from error
    raise OrthancTlsError(f"The name constraint {text!r} is neither DNS:example.org nor IP:10.0.0.0/8.")


def _allowed(name: str, constraints: x509.NameConstraints) -> bool:
    kind, value = name.split(":", 1)
    kinds = {"DNS": x509.DNSName, "IP": x509.IPAddress}
    if kind not in kinds:
        return True
    permitted = [subtree for subtree in constraints.permitted_subtrees or [] if isinstance(subtree, kinds[kind])]
    excluded = [subtree for subtree in constraints.excluded_subtrees or [] if isinstance(subtree, kinds[kind])]
    if any(_within(value, subtree) for subtree in excluded):
        return False
    return not permitted or any(_within(value, subtree) for subtree in permitted)


def _within(value: str, subtree: x509.GeneralName) -> bool:
    if isinstance(subtree, x509.IPAddress):
        network = subtree.value
        return ipaddress.ip_address(value) in ipaddress.ip_network(str(network))
    return f".{value.removeprefix('*.').lower()}".endswith(f".{subtree.value.lower()}")
