# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name constraints of a CA (RFC 5280 section 4.2.1.10), for DNS names and IP networks."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Sequence

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import canonical_names

with contextlib.suppress(ImportError):  # the module that calls says what is missing
    from cryptography import x509


def name_constraints(permitted: Sequence[str], excluded: Sequence[str]) -> x509.NameConstraints | None:
    """Build the extension from C(DNS:example.org) and C(IP:10.0.0.0/8), or C(None) where nothing is constrained."""
    if not permitted and not excluded:
        return None
    return x509.NameConstraints(_subtrees(permitted) or None, _subtrees(excluded) or None)


def check_names(names: Sequence[str], issuer: x509.Certificate) -> None:
    """Raise when the issuer's constraints forbid one of the canonical names, as every verifier would."""
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return
    for name in names:
        if not _allowed(name, constraints):
            raise OrthancTlsError(
                f"The CA's name constraints forbid {name}: nobody would accept the certificate; "
                "take another name, or roll over to a CA that allows it."
            )


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
    return f".{value.removeprefix('*.')}".endswith(f".{subtree.value}")
