# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node's time, and whether its clock is kept right by others (standard library only)."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text

_UNSYNCHRONISED = 16_000_000  # microseconds, Linux' NTP_PHASE_LIMIT: where nobody has set the clock for long


@dataclass(frozen=True)
class Clock:
    """C(utc) is as in C(2026-11-24T11:00:00Z); C(synchronised) is None where the kernel does not say."""

    utc: str
    synchronised: bool | None


class _KernelClock(ctypes.Structure):
    """The beginning of Linux' struct timex (adjtimex(2)), and more than enough room for the rest of it."""

    _fields_ = (
        ("modes", ctypes.c_uint),  # 0: change nothing
        ("offset", ctypes.c_long),
        ("frequency", ctypes.c_long),
        ("maximum_error", ctypes.c_long),
        ("rest", ctypes.c_byte * 512),
    )


def clock(now: datetime) -> Clock:
    """Tell the time, and ask the kernel as systemd's C(timedatectl) does for its C(NTPSynchronized)."""
    return Clock(utc_text(now), _synchronised())


def _synchronised() -> bool | None:
    kernel = _KernelClock()
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(kernel))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else bool(kernel.maximum_error < _UNSYNCHRONISED)
