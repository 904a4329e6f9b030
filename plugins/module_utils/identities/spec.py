# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node's identity should be, and why the current one has to be replaced (standard library only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import Generation
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import (
    LeafOrder,
    Reason,
    leaf_reason,
    trust_reason,
)


@dataclass(frozen=True)
class IdentitySpec:
    """What the task asks for, with everything resolved on the controller.

    C(trust) holds the two trust bundles by file name. With C(trust_only) a renewal waits, as long as the leaf has not
    expired.
    """

    leaf: LeafOrder
    trust: Mapping[str, bytes]
    trust_only: bool = False

    def to_arguments(self) -> dict[str, Any]:
        """Return the specification as JSON can carry it to the node."""
        return {
            "leaf": self.leaf.to_arguments(),
            "trust": {name: data.decode() for name, data in self.trust.items()},
            "trust_only": self.trust_only,
        }

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> IdentitySpec:
        """Read C(to_arguments)' dictionary."""
        trust = {name: text.encode() for name, text in arguments["trust"].items()}
        return cls(LeafOrder.from_arguments(arguments["leaf"]), trust, arguments["trust_only"])


def reason(spec: IdentitySpec, generation: Generation | None, now: datetime) -> Reason | None:
    """Say why the generation has to be replaced; C(None) when it is what C(spec) asks for."""
    if generation is None:
        return Reason.MISSING
    if generation.manifest is None or generation.faults:
        return Reason.DAMAGED
    leaf = generation.manifest.leaf
    waits = spec.trust_only and leaf.not_after > now
    return (None if waits else leaf_reason(spec.leaf, leaf, now)) or trust_reason(spec.trust, generation.manifest.files)
