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
    last = _last(identity)
    return last[0] if last and last[0] and last[0] not in {ca["subject"] for ca in authorities} else None


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
    last = _last(look.get("identity"))
    if last is None:
        return "which cannot be read" if look.get("present") else None
    issuer, subject = last
    return None if issuer == subject else f"issued by {shown(issuer)}"


def _last(identity: Any) -> tuple[str, str] | None:
    """Return issuer and subject of the last certificate that a node says its identity has; C(None) for anything odd."""
    certificates = identity.get("certificates") if isinstance(identity, Mapping) else None
    last = certificates[-1] if isinstance(certificates, (list, tuple)) and certificates else None
    issuer, subject = (last.get("issuer"), last.get("subject")) if isinstance(last, Mapping) else (None, None)
    return (issuer, subject) if isinstance(issuer, str) and isinstance(subject, str) else None
