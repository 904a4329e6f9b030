# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control node asks of a node beside its specification, as both halves of C(certificate) know it.

A node is told capabilities and what it may replace, never an issuer's name (standard library only).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, TypeAlias


@dataclass(frozen=True)
class TheseIssuers:
    """Leaves of these issuing certificates may be replaced: the SHA-256 of each, and its key identifier."""

    key_identifiers: Mapping[str, str]


@dataclass(frozen=True)
class OnlyItself:
    """Only a leaf that is its own issuer may be replaced."""


@dataclass(frozen=True)
class AnyIssuer:
    """Any leaf may be replaced, no matter who issued it."""


AcceptedIssuers: TypeAlias = "TheseIssuers | OnlyItself | AnyIssuer"
_ACCEPTED: dict[str, type[AcceptedIssuers]] = {"these": TheseIssuers, "itself": OnlyItself, "any": AnyIssuer}


@dataclass(frozen=True)
class SelfSigningOrder:
    """What a node that signs for itself is told.

    C(activate) lets a new leaf go live; without it a renewal waits beside the live one. With C(keeps_trust) all that
    the node trusts stays trusted.
    """

    lifetime: timedelta
    activate: bool
    keeps_trust: bool = False

    def to_arguments(self) -> dict[str, Any]:
        """Return the order as JSON can carry it to the node."""
        return asdict(self) | {"lifetime": int(self.lifetime.total_seconds())}

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> SelfSigningOrder:
        """Read C(to_arguments)' dictionary."""
        return cls(**{**arguments, "lifetime": timedelta(seconds=arguments["lifetime"])})


@dataclass(frozen=True)
class InspectRequest:
    """What the step C(inspect) is told.

    C(clock) is the control node's, in UTC. Without C(self_signing) the node answers with a CSR where a leaf is due.
    With C(keeps_order) it keeps key and CSR until that is answered, maybe in a later run.
    """

    accepted: AcceptedIssuers
    clock: str
    self_signing: SelfSigningOrder | None = None
    keeps_order: bool = False

    def to_arguments(self) -> dict[str, Any]:
        """Return the request as JSON can carry it to the node."""
        kind = next(name for name, kind in _ACCEPTED.items() if isinstance(self.accepted, kind))
        return {
            "accepted": {"kind": kind, **asdict(self.accepted)},
            "clock": self.clock,
            "self_signing": self.self_signing.to_arguments() if self.self_signing else None,
            "keeps_order": self.keeps_order,
        }

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> InspectRequest:
        """Read C(to_arguments)' dictionary."""
        accepted, self_signing = dict(arguments["accepted"]), arguments["self_signing"]
        return cls(
            _ACCEPTED[accepted.pop("kind")](**accepted),
            arguments["clock"],
            SelfSigningOrder.from_arguments(self_signing) if self_signing else None,
            arguments["keeps_order"],
        )
