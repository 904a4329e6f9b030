# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifetimes, renewal windows and instants (standard library only)."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_DURATION = re.compile(r"([1-9][0-9]{0,7})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=36525)
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def parse_duration(text: str, option: str) -> timedelta:
    """Read a positive duration: a whole number and one unit of m, h, d, w."""
    match = _DURATION.fullmatch(str(text).strip())
    if match is None:
        raise OrthancTlsError(
            f"{option} is {text!r}, which is no duration; write a whole number above 0 and one of the units "
            "m (minutes), h, d, w, such as 180d or 12h."
        )
    duration = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if duration > _LONGEST:
        raise OrthancTlsError(f"{option} is {text!r}; expected 100 years at most.")
    return duration


def jitter(host: str) -> float:
    """Return a number in [0, 1) that depends on the host's name alone."""
    return int.from_bytes(hashlib.sha256(host.encode()).digest()[:6], "big") / 2**48


def renewal_window(lifetime: timedelta, renew_before: timedelta | None, host: str) -> timedelta:
    """Return how long before its end a certificate is due for renewal on this host.

    The window is C(renew_before) (a third of the lifetime by default) and, so that a fleet does not renew
    in one moment, up to a tenth of the remaining lifetime more. It is always shorter than the lifetime.
    """
    base = lifetime / 3 if renew_before is None else renew_before
    if base >= lifetime:
        raise OrthancTlsError(
            f"renew_before is {base}, which is not shorter than the lifetime of {lifetime}: "
            "every certificate would be due at once; set a shorter renew_before."
        )
    return base + jitter(host) * ((lifetime - base) / 10)


def utc_text(instant: datetime) -> str:
    """Write an aware instant as in C(2026-11-24T11:00:00Z)."""
    return instant.astimezone(UTC).strftime(_INSTANT)


def parse_utc(text: str) -> datetime:
    """Read what C(utc_text) writes."""
    try:
        instant = datetime.fromisoformat(text)  # strptime would have to compile its pattern first, in every run
    except ValueError:
        instant = None
    if instant is None or instant.strftime(_INSTANT) != text:
        raise OrthancTlsError(f"{text!r} is no instant; expected UTC such as 2026-11-24T11:00:00Z.")
    return instant
