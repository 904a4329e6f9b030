# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a leaf should be, and why the present one is replaced (standard library only)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias

from ansible_collections.openimaging.orthanc.plugins.module_utils.files.state import digest
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf


class Reason(StrEnum):
    """Why key, leaf or trust is replaced; the first that holds, in this order.

    C(FORCED) stands before C(TRUST_CHANGED), which alone keeps key and leaf: a forced renewal must renew.
    """

    MISSING = "missing"
    DAMAGED = "damaged"
    ISSUER_CHANGED = "issuer_changed"
    NAMES_CHANGED = "names_changed"
    KEY_CHANGED = "key_changed"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    FORCED = "forced"
    TRUST_CHANGED = "trust_changed"

    @property
    def renews(self) -> bool:
        """Whether the reason takes a new key and a new leaf."""
        return self is not Reason.TRUST_CHANGED


@dataclass(frozen=True)
class IssuedBy:
    """The leaf is issued by the certificate with this name (RFC 4514) and SHA-256."""

    name: str
    sha256: str

    def issued(self, leaf: Leaf) -> bool:
        """Whether a leaf is of this issuer."""
        return leaf.issuer_sha256 == self.sha256


@dataclass(frozen=True)
class IssuedByItself:
    """The leaf is signed with its own key."""

    name = "itself"

    def issued(self, leaf: Leaf) -> bool:
        """Whether a leaf is its own issuer."""
        return leaf.issuer_sha256 == leaf.fingerprint_sha256


@dataclass(frozen=True)
class NoIssuerYet:
    """The leaf will be issued by a CA that does not exist yet; so it is only in check mode."""

    name = None

    def issued(self, leaf: Leaf) -> bool:
        """Whether a leaf is of that CA: none that exists can be."""
        return False


@dataclass(frozen=True)
class IssuedUnder:
    """The leaf's chain ends in one of these roots, by SHA-256: C(Leaf.issuer_sha256) is that of the root then.

    Such a CA is not ours: it may add names and usages, write the subject as it likes, and shorten the life of a leaf.
    """

    name: str
    sha256s: list[str]

    def issued(self, leaf: Leaf) -> bool:
        """Whether a leaf is of one of these roots."""
        return leaf.issuer_sha256 in self.sha256s


LeafIssuer: TypeAlias = "IssuedBy | IssuedByItself | NoIssuerYet | IssuedUnder"
_ISSUERS: dict[str, type[LeafIssuer]] = {
    "certificate": IssuedBy,
    "itself": IssuedByItself,
    "none_yet": NoIssuerYet,
    "root": IssuedUnder,
}


@dataclass(frozen=True)
class LeafOrder:
    """What is asked of a leaf.

    C(window) is how long before its end the leaf is due. With C(force) it is renewed although it is not due. C(holder)
    is whose it is, for its subject's serialNumber; a present leaf without it stays until it is due. C(lifetime) is
    what was asked for, where a leaf may have a shorter life: then its window is shorter in proportion.
    """

    common_name: str | None
    names: list[str]
    extended_key_usage: list[str]
    key_type: str
    window: timedelta
    issuer: LeafIssuer
    force: bool = False
    holder: str | None = None
    lifetime: timedelta | None = None

    def unforced(self) -> LeafOrder:
        """Return the order without C(force): what is asked of a leaf that was just signed."""
        return replace(self, force=False)

    @property
    def sha256(self) -> str:
        """The SHA-256 of what a CA is asked for. No matter who that is, and when a leaf is due."""
        asked = [self.common_name, self.names, self.extended_key_usage, self.key_type]
        return digest(json.dumps(asked).encode())

    def to_arguments(self) -> dict[str, Any]:
        """Return the order as JSON can carry it to the node."""
        kind = next(name for name, kind in _ISSUERS.items() if isinstance(self.issuer, kind))
        issuer = {"kind": kind, **asdict(self.issuer)}
        lifetime = None if self.lifetime is None else int(self.lifetime.total_seconds())
        window = int(self.window.total_seconds())
        return asdict(self) | {"window": window, "lifetime": lifetime, "issuer": issuer}

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> LeafOrder:
        """Read C(to_arguments)' dictionary."""
        issuer = dict(arguments["issuer"])
        decoded: dict[str, Any] = {
            "window": timedelta(seconds=arguments["window"]),
            "lifetime": None if arguments["lifetime"] is None else timedelta(seconds=arguments["lifetime"]),
            "issuer": _ISSUERS[issuer.pop("kind")](**issuer),
        }
        return cls(**{**arguments, **decoded})


def leaf_reason(order: LeafOrder, leaf: Leaf, now: datetime) -> Reason | None:
    """Say why a leaf has to be replaced; C(None) when it is what C(order) asks for."""
    if not order.issuer.issued(leaf):
        return Reason.ISSUER_CHANGED
    if not _is_named(order, leaf):
        return Reason.NAMES_CHANGED
    if leaf.key_type != order.key_type:
        return Reason.KEY_CHANGED
    if leaf.not_after <= now:
        return Reason.EXPIRED
    if leaf.not_after - now <= _window(order, leaf):
        return Reason.EXPIRING
    return Reason.FORCED if order.force else None


def _is_named(order: LeafOrder, leaf: Leaf) -> bool:
    if isinstance(order.issuer, IssuedUnder):
        # A leaf without usages is for all of them (RFC 5280 section 4.2.1.12).
        lacking = set(order.extended_key_usage) - set(leaf.extended_key_usage) if leaf.extended_key_usage else set()
        return set(order.names) <= set(leaf.names) and not lacking
    return (leaf.common_name, leaf.names, leaf.extended_key_usage) == (
        order.common_name,
        order.names,
        order.extended_key_usage,
    )


def _window(order: LeafOrder, leaf: Leaf) -> timedelta:
    life = leaf.not_after - leaf.not_before
    return order.window if order.lifetime is None else order.window * min(1.0, life / order.lifetime)


def trust_reason(wanted: Mapping[str, bytes], held: Mapping[str, str]) -> Reason | None:
    """Say whether trust bundles have to be replaced: C(wanted) are they by file name, C(held) the present SHA-256."""
    same = all(held[name] == digest(data) for name, data in wanted.items())
    return None if same else Reason.TRUST_CHANGED
