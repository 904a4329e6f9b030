# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of hosts as nginx's C(server_name) takes them (standard library only)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_HASHED_LENGTH = 40
"""Longer names may not fit into nginx's hash of names, whose size is for the whole nginx to say."""

_HOST_NAME = re.compile(r"(?:\*\.)?(?!-)[a-z0-9-]+(?:\.[a-z0-9-]+)*")


def host_of(subject_alternative_name: str) -> str | None:
    """The host in C(DNS:name) or C(IP:address); None for a name of another kind."""
    kind, _colon, name = subject_alternative_name.partition(":")
    return name if kind in ("DNS", "IP") else None


def server_name(name: str) -> str:
    """One host name, wildcard (C(*.example.org)) or address for C(server_name); an IPv6 address gets brackets."""
    address = _address(name)
    if address is not None:
        return f"[{address}]" if address.version == 6 else str(address)
    folded = _host_name(name)
    return folded if len(folded) <= _HASHED_LENGTH else f'"~^{_pattern(folded)}$"'


def asked_name(name: str) -> str:
    """A regular expression of the host name that a client asks for by SNI (RFC 6066), which carries no address."""
    return _pattern(_host_name(name))


def is_address(name: str) -> bool:
    """Whether a name is an IPv4 or IPv6 address."""
    return _address(name) is not None


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _host_name(name: str) -> str:
    folded = name.lower()
    if not _HOST_NAME.fullmatch(folded):
        raise OrthancTlsError(
            f"frontend_server_names has '{name}'; expected a host name in ASCII, a wildcard like *.example.org, "
            "or an address."
        )
    return folded


def _pattern(name: str) -> str:
    return re.escape(name).replace(r"\*", "[^.]+").replace(r"\-", "-")


def taken_by(name: str, server_names: Iterable[str]) -> bool:
    """Whether a site with these C(server_names), read before, answers who asks for a name that is ours.

    nginx takes an exact name first, then a wildcard, then a regular expression, and of two equals the first. So the
    wildcard of another site takes nothing from a name that is written out. Regular expressions of others are not tried:
    they come from a node, and may be made to run for ever.
    """
    ours, by_pattern = _host_name(name), server_name(name).startswith('"~')
    return any(_takes(ours, other.lower(), by_pattern=by_pattern) for other in server_names)


def _takes(ours: str, other: str, *, by_pattern: bool) -> bool:
    same = ours in (other[1:], f"*{other}") if other.startswith(".") else ours == other
    if same or not by_pattern or other.startswith("~"):
        return same
    if other.startswith((".", "*.")):
        return ours.endswith(other.removeprefix("*"))
    return other.endswith(".*") and ours.startswith(other.removesuffix("*"))
