# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What C(certificate) returns and shows in a diff: names, dates and fingerprints, never a key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import Generation, trust_sha256
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import Hold
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.pending import PendingOrder
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.spec import IdentitySpec
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import IssuedBy, IssuedUnder, Reason

_SHARED = ("common_name", "names", "extended_key_usage", "key_type")


def outcome(
    path: str, spec: IdentitySpec, why: Reason | None, before: Generation | None, after: Generation | None
) -> dict[str, Any]:
    """Return the module's result; without C(after) it is check mode, and the new generation is not known."""
    manifest = after.manifest if after else None
    diff = {
        "before_header": path,
        "after_header": f"{path} ({why.value if why else 'unchanged'})",
        "before": describe(before),
        "after": describe(after) if after else _planned(spec, why, before),
    }
    return {
        "changed": why is not None,
        "renewed": why is not None and why.renews,
        "reason": why.value if why else None,
        "path": path,
        "generation": after.name if after else None,
        "not_after": utc_text(manifest.leaf.not_after) if manifest else None,
        "fingerprint_sha256": manifest.leaf.fingerprint_sha256 if manifest else None,
        "trust_sha256": _expected_trust(spec),
        "held": None,
        "pending": None,
        "waiting_sha256": None,
        "diff": diff,
    }


def held_outcome(path: str, spec: IdentitySpec, current: Generation, hold: Hold, now: datetime) -> dict[str, Any]:
    """Return the module's result for an identity that is held, and so stays as it is."""
    manifest = current.manifest
    soon = manifest is None or ends_soon(manifest.leaf, now)
    return outcome(path, spec, None, current, current) | {
        "trust_sha256": manifest.trust_sha256 if manifest else None,
        "held": hold.to_arguments() | {"ends_soon": soon},
    }


def told_pending(order: PendingOrder, current: Generation | None, now: datetime) -> dict[str, Any]:
    """Return what a result tells of an order that waits, and of the certificate that the node has meanwhile."""
    leaf = current.manifest.leaf if current and current.manifest else None
    whole = current is not None and not current.faults
    return order.shown() | {
        "not_after": utc_text(leaf.not_after) if leaf else None,
        "valid": whole and leaf is not None and leaf.not_after > now,
    }


def pending_outcome(
    path: str, spec: IdentitySpec, why: Reason | None, before: Generation | None, after: Generation | None
) -> dict[str, Any]:
    """Return the module's result where the issuer answers later, so that the certificate stays."""
    trust = after.manifest.trust_sha256 if after and after.manifest else None
    return outcome(path, spec, why, before, after) | {"changed": False, "renewed": False, "trust_sha256": trust}


def ends_soon(leaf: Leaf, now: datetime) -> bool:
    """Say whether less than a sixth of the leaf's life is left: half of what is left when it is due by default."""
    return leaf.not_after - now < (leaf.not_after - leaf.not_before) / 6


def describe(generation: Generation | None) -> dict[str, Any]:
    """Return what a diff shows of a generation."""
    if generation is None:
        return {}
    faults = {"faults": generation.faults} if generation.faults else {}
    if generation.manifest is None:
        return faults
    leaf = generation.manifest.leaf
    return {
        **{name: getattr(leaf, name) for name in _SHARED},
        "issuer": leaf.issuer,
        "not_before": utc_text(leaf.not_before),
        "not_after": utc_text(leaf.not_after),
        "fingerprint_sha256": leaf.fingerprint_sha256,
        "trust_sha256": generation.manifest.trust_sha256,
        **faults,
    }


def _planned(spec: IdentitySpec, why: Reason | None, before: Generation | None) -> dict[str, Any]:
    trust = {"trust_sha256": _expected_trust(spec)}
    if why is Reason.TRUST_CHANGED:
        return describe(before) | trust
    new = {"issuer": spec.leaf.issuer.name, "not_before": None, "not_after": None, "fingerprint_sha256": None}
    return {name: getattr(spec.leaf, name) for name in _SHARED} | new | trust


def _expected_trust(spec: IdentitySpec) -> str | None:
    """Nobody knows it before there is a CA, nor before a node has signed the certificate by which it trusts itself."""
    return trust_sha256(spec.trust) if isinstance(spec.leaf.issuer, (IssuedBy, IssuedUnder)) else None
