# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what nodes hold was issued by a CA of the CA folder: a missing or wrong folder gives no all-clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_MOST_CHARACTERS = 200
_MOST_HOSTS = 5


def unknown_issuer(identity: Mapping[str, Any] | None, authorities: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the root that issued an identity where it is none of C(authorities); C(None) where there is no telling.

    Roots are told by their subjects, as each CA has one of its own.
    """
    certificates = identity["certificates"] if identity else []
    issuer = certificates[-1]["issuer"] if certificates else ""
    return issuer if issuer and issuer not in {ca["subject"] for ca in authorities} else None


def in_use(looks: Mapping[str, Mapping[str, Any] | None]) -> list[str]:
    """Say in words which nodes hold a certificate of a CA; C(looks) holds what C(identity_info) says, by host.

    One that signed for itself is of no CA. A node that could not be looked at says nothing.
    """
    held = {host: _held(look) for host, look in looks.items() if look is not None}
    return [f"{host} ({what})" for host, what in held.items() if what]


def shown(text: str) -> str:
    """Return a text of a node as it may be printed: escaped and not too long."""
    return repr(text[:_MOST_CHARACTERS])


def some(entries: Sequence[str]) -> str:
    """Join the first few entries, and say how many more there are."""
    more = len(entries) - _MOST_HOSTS
    return ", ".join(entries[:_MOST_HOSTS]) + (f" and {more} more" if more > 0 else "")


def _held(look: Mapping[str, Any]) -> str | None:
    identity = look.get("identity")
    certificates = identity["certificates"] if identity else []
    if not certificates:
        return "which cannot be read" if look.get("present") else None
    last = certificates[-1]
    return None if last["issuer"] == last["subject"] else f"issued by {shown(last['issuer'])}"
