# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in certificates, in one canonical spelling (RFC 5280 section 4.2.1.6, RFC 6125; standard library only)."""

from __future__ import annotations

import ipaddress
import re
import stringprep
from collections.abc import Callable, Sequence
from unicodedata import category
from urllib.parse import quote, unquote

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

# ub-common-name of RFC 5280 counts characters. Newer versions of cryptography count bytes of UTF-8, and what is made
# here must not depend on its version.
LONGEST_COMMON_NAME = 64
CLIENT_URI = "urn:orthanc:client:"

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")  # controls, surrogates (which no encoding has), line and paragraph separators
_EMAIL_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
# The stdlib codec speaks IDNA 2003, which maps these (RFC 5894 section 7.2), and what Unicode 3.2 did not know yet,
# to other names than IDNA 2008.
_DEVIATIONS = frozenset("\u00df\u1e9e\u03c2\u200c\u200d")


def canonical_names(
    common_name: str | None, subject_alt_name: Sequence[str], *, allow_wildcard: bool
) -> tuple[str | None, list[str]]:
    """Return the subject's common name and the sorted subject alternative names of a node.

    The common name (a DNS name or an IP address) is repeated among the names; it is C(None) when it is
    longer than the 64 bytes that a certificate allows. Raises when there is no name at all.
    """
    names = {_canonical(name, allow_wildcard) for name in subject_alt_name}
    common = None
    if common_name is not None:
        kind = "IP" if _is_ip(common_name) else "DNS"
        repeated = _canonical(f"{kind}:{common_name}", allow_wildcard)
        names.add(repeated)
        common = fitting_common_name(repeated.partition(":")[2])
    if not names:
        raise OrthancTlsError("A certificate without names is of no use: set common_name or subject_alt_name.")
    return common, sorted(names)


def client_names(common_name: str) -> list[str]:
    """Return the one alternative name made from a person's or device's name: an e-mail address or a URI."""
    if not common_name.strip():
        raise OrthancTlsError("common_name is empty; name the person or the device that the certificate is for.")
    check_printable(common_name, "common_name")
    if "@" in common_name and _EMAIL_LOCAL.fullmatch(common_name.rpartition("@")[0]):
        return [_email(common_name)]
    return [f"URI:{CLIENT_URI}{quote(common_name, safe='')}"]


def client_of(names: Sequence[str]) -> str:
    """Return the person's or device's name that C(client_names) put among the alternative names, or else the first."""
    uris = [name.removeprefix(f"URI:{CLIENT_URI}") for name in names if name.startswith(f"URI:{CLIENT_URI}")]
    if uris:
        return unquote(uris[0])
    addresses = [name for name in names if name.startswith("email:")]
    return [*addresses, *names][0].partition(":")[2]


def fitting_common_name(common_name: str) -> str | None:
    """Return the name, or C(None) where a certificate's common name cannot hold it."""
    return common_name if len(common_name.encode()) <= LONGEST_COMMON_NAME else None


def check_printable(name: str, what: str) -> None:
    """Raise for a control character and the like; C(what) is what errors call the name."""
    wrong = next((character for character in name if category(character) in _UNPRINTABLE), None)
    if wrong is not None:
        raise OrthancTlsError(f"{what} {name!r} has the character {wrong!r}, which is not printable; leave it out.")


def _canonical(name: str, allow_wildcard: bool) -> str:
    kind, colon, value = name.strip().partition(":")
    if not colon or kind.lower() not in _KINDS:
        raise OrthancTlsError(
            f"The name {name!r} does not say what it is: write DNS:, IP:, email: or URI: in front of it."
        )
    if kind.lower() == "dns":
        return _dns(value, allow_wildcard)
    return _KINDS[kind.lower()](value)


def _dns(value: str, allow_wildcard: bool = False) -> str:
    if value.startswith("*."):
        return "DNS:*." + _wildcard_parent(value, allow_wildcard)
    return "DNS:" + _host_name(value)


def _wildcard_parent(value: str, allow_wildcard: bool) -> str:
    if not allow_wildcard:
        raise OrthancTlsError(f"DNS name {value!r} is a wildcard; name the hosts one by one, or set allow_wildcard.")
    parent = _host_name(value[2:])
    if "." not in parent:
        raise OrthancTlsError(f"DNS name {value!r} is too wide a wildcard: TLS clients want two labels after the star.")
    return parent


def _host_name(value: str) -> str:
    if _is_ip(value):
        raise OrthancTlsError(f"DNS name {value!r} is an IP address; write IP:{value.strip('[]')} instead.")
    name = _a_labels(value)
    labels = name.split(".")
    for label in labels:
        if not _LABEL.fullmatch(label):
            raise OrthancTlsError(
                f"DNS name {value!r} has the bad label {label!r}: expected 1 to 63 letters, digits and hyphens, "
                "no hyphen at either end, no underscore."
            )
    if labels[-1].isdigit() or len(name) > 253:
        raise OrthancTlsError(
            f"DNS name {value!r} is no host name: the last label must not be a number, "
            "and it must not be longer than 253 characters."
        )
    return name


def _a_labels(value: str) -> str:
    if value.isascii():
        return value.lower()
    if any(character in _DEVIATIONS or stringprep.in_table_a1(character) for character in value):
        raise OrthancTlsError(
            f"DNS name {value!r} has a character that IDNA 2003 and 2008 encode differently; "
            "write the name as its A-labels (xn--...)."
        )
    try:
        return value.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise OrthancTlsError(f"DNS name {value!r} is no internationalised host name: {error}.") from error


def _ip(value: str) -> str:
    try:
        address = ipaddress.ip_address(value.strip("[]"))
    except ValueError as error:
        raise OrthancTlsError(f"IP name {value!r} is no IPv4 or IPv6 address.") from error
    if "%" in value:
        raise OrthancTlsError(f"IP name {value!r} has a zone, which a certificate cannot hold; leave it out.")
    return f"IP:{address.compressed}"


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value.strip("[]"))
    except ValueError:
        return False
    return True


def _email(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not at or not _EMAIL_LOCAL.fullmatch(local):
        raise OrthancTlsError(f"E-mail name {value!r} is no address of ASCII characters such as jane@example.org.")
    return f"email:{local}@{_host_name(domain)}"


def _uri(value: str) -> str:
    if not _URI.fullmatch(value):
        raise OrthancTlsError(f"URI name {value!r} is no URI: expected a scheme, a colon and ASCII without spaces.")
    return f"URI:{value}"


_KINDS: dict[str, Callable[[str], str]] = {"dns": _dns, "ip": _ip, "email": _email, "uri": _uri}
