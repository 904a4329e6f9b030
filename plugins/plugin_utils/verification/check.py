# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One row of a verification: what was expected of a node, what was seen, and what a failure may come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Check:
    """One thing that was compared on C(host).

    C(asks) is the host that was to answer or to refuse; None where it is outside the fleet. C(rests_on) are checks of
    the same host that may be the cause where this one fails. C(refusal) says that a refusal was expected, C(relayed)
    that Orthanc itself asked; C(words) is what it logged then. C(status), C(alert) and C(error) are those of
    C(tls_probe). C(remedy) is what to do where it is not C(ok). What is not C(required) is shown and fails nothing.
    """

    host: str
    name: str
    expected: str
    seen: str
    ok: bool
    asks: str | None = None
    url: str = ""
    rests_on: tuple[str, ...] = ()
    refusal: bool = False
    relayed: bool = False
    status: int | None = None
    alert: str | None = None
    error: str | None = None
    tls_version: str | None = None
    fingerprint_sha256: str | None = None
    words: tuple[str, ...] = ()
    required: bool = True
    remedy: str = ""

    def to_arguments(self) -> dict[str, Any]:
        """Return it as a task's result can carry it."""
        return asdict(self)

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Check:
        """Read C(to_arguments)' dictionary."""
        values: dict[str, Any] = {field.name: arguments[field.name] for field in fields(cls)}
        return cls(**values | {name: tuple(values[name]) for name in ("rests_on", "words")})

    @property
    def fails(self) -> bool:
        """Whether it is not as expected, and has to be."""
        return not self.ok and self.required

    @property
    def symptom(self) -> tuple[int | None, str | None, str | None]:
        """What two failures with one cause have in common."""
        return self.status, self.alert, self.error
