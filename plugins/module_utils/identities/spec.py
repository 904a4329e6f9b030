# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node's identity should be, and why the current one has to be replaced (standard library only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import Generation, sha256
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf


class Reason(StrEnum):
    """Why an identity is replaced; the first that holds, in this order.

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
class IdentitySpec:
    """What the task asks for, with everything resolved on the controller.

    C(window) is how long before its end a leaf is due. C(issuer_sha256) is the issuing certificate's, C(None) while
    there is no CA yet. C(trust) holds the two trust bundles by file name. With C(trust_only) a renewal waits, as long
    as the leaf has not expired. With C(self_signed) the node is its own issuer.
    """

    common_name: str | None
    names: list[str]
    extended_key_usage: list[str]
    key_type: str
    window: timedelta
    issuer: str | None
    issuer_sha256: str | None
    trust: Mapping[str, bytes]
    force: bool = False
    trust_only: bool = False
    self_signed: bool = False

    def to_arguments(self) -> dict[str, Any]:
        """Return the specification as JSON can carry it to the node."""
        return asdict(self) | {
            "window": int(self.window.total_seconds()),
            "trust": {name: data.decode() for name, data in self.trust.items()},
        }

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> IdentitySpec:
        """Read C(to_arguments)' dictionary."""
        decoded: dict[str, Any] = {
            "window": timedelta(seconds=arguments["window"]),
            "trust": {name: text.encode() for name, text in arguments["trust"].items()},
        }
        return cls(**{**arguments, **decoded})


def reason(spec: IdentitySpec, generation: Generation | None, now: datetime) -> Reason | None:
    """Say why the generation has to be replaced; C(None) when it is what C(spec) asks for."""
    if generation is None:
        return Reason.MISSING
    if generation.manifest is None or generation.faults:
        return Reason.DAMAGED
    leaf = generation.manifest.leaf
    waits = spec.trust_only and leaf.not_after > now
    return (None if waits else _leaf_reason(spec, leaf, now)) or _trust_reason(spec, generation.manifest.files)


def _leaf_reason(spec: IdentitySpec, leaf: Leaf, now: datetime) -> Reason | None:
    if leaf.issuer_sha256 != (leaf.fingerprint_sha256 if spec.self_signed else spec.issuer_sha256):
        return Reason.ISSUER_CHANGED
    if (leaf.common_name, leaf.names, leaf.extended_key_usage) != (
        spec.common_name,
        spec.names,
        spec.extended_key_usage,
    ):
        return Reason.NAMES_CHANGED
    if leaf.key_type != spec.key_type:
        return Reason.KEY_CHANGED
    if leaf.not_after <= now:
        return Reason.EXPIRED
    if leaf.not_after - now <= spec.window:
        return Reason.EXPIRING
    return Reason.FORCED if spec.force else None


def _trust_reason(spec: IdentitySpec, files: Mapping[str, str]) -> Reason | None:
    same = all(files[name] == sha256(data) for name, data in spec.trust.items())
    return None if same else Reason.TRUST_CHANGED
