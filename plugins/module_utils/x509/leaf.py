# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a leaf says, as plain values that JSON can carry (standard library only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc, utc_text

_INSTANTS = ("not_before", "not_after")


@dataclass(frozen=True)
class Leaf:
    """What a leaf says, and who issued it."""

    common_name: str | None
    names: list[str]
    extended_key_usage: list[str]
    key_type: str
    not_before: datetime
    not_after: datetime
    fingerprint_sha256: str
    public_key_sha256: str
    issuer: str
    issuer_sha256: str

    def to_arguments(self) -> dict[str, Any]:
        """Return the leaf as JSON can carry it."""
        return asdict(self) | {name: utc_text(getattr(self, name)) for name in _INSTANTS}

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> Leaf:
        """Read C(to_arguments)' dictionary."""
        return cls(**{**arguments, **{name: parse_utc(arguments[name]) for name in _INSTANTS}})
