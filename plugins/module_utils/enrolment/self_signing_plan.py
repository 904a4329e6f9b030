# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done with an identity that its node signs itself (standard library only).

A new certificate is prepared beside the live one, made known to whoever must trust it, and only then activated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CERT,
    CLIENT_TRUST,
    SERVER_TRUST,
    Generation,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.spec import IdentitySpec, reason
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import Reason, trust_reason
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.trust_bundle import merged


class SelfSigningStep(Enum):
    """What the node does in this execution."""

    NOTHING = "nothing"
    TRUST = "the live key and certificate stay, with other trust bundles"
    PREPARE = "a new key and certificate wait beside the live ones"
    ACTIVATE = "what waits goes live"
    REPLACE = "a new key and certificate go live at once"


@dataclass(frozen=True)
class SelfSigningPlan:
    """A step, and why; C(None) where nothing is due."""

    step: SelfSigningStep
    why: Reason | None


_BROKEN = (Reason.MISSING, Reason.DAMAGED, Reason.EXPIRED)
"""Nobody can be shut out by replacing what nobody accepts."""


def plan(
    spec: IdentitySpec, current: Generation | None, waiting: Generation | None, now: datetime, *, activate: bool
) -> SelfSigningPlan:
    """Decide by what the node holds alone, so that a run that was killed anywhere is continued by the next one."""
    why = reason(trusting_itself(spec, current), current, now)
    renews = why is not None and why.renews
    if waits_for(spec, current, waiting, now) and (activate or why in _BROKEN):
        return SelfSigningPlan(SelfSigningStep.ACTIVATE, why if renews else Reason.FORCED)
    if renews and (activate or why in _BROKEN):
        return SelfSigningPlan(SelfSigningStep.REPLACE, why)
    if renews and not waits_for(spec, current, waiting, now):
        return SelfSigningPlan(SelfSigningStep.PREPARE, why)
    # Where a renewal waits already, all that may be due for the live one is other trust.
    if _trusts_otherwise(spec, current):
        return SelfSigningPlan(SelfSigningStep.TRUST, Reason.TRUST_CHANGED)
    return SelfSigningPlan(SelfSigningStep.NOTHING, None)


def waits_for(
    spec: IdentitySpec, current: Generation | None, waiting: Generation | None, now: datetime
) -> Generation | None:
    """Return the prepared generation if it is what the task asks for, and not the live one already."""
    if waiting is None or waiting.manifest is None:
        return None
    live = current.manifest.leaf.fingerprint_sha256 if current and current.manifest else None
    why = reason(replace(spec, leaf=spec.leaf.unforced()), waiting, now)
    fits = why is None or why is Reason.TRUST_CHANGED
    return waiting if fits and waiting.manifest.leaf.fingerprint_sha256 != live else None


def trusting_itself(spec: IdentitySpec, generation: Generation | None) -> IdentitySpec:
    """Add a generation's own certificate to what it must trust: a node calls itself."""
    return spec if generation is None else trusting(spec, generation.read(CERT))


def trusting(spec: IdentitySpec, *certificates: bytes) -> IdentitySpec:
    """Add certificates to both trust bundles."""
    return replace(spec, trust={name: merged(spec.trust[name], *certificates) for name in (CLIENT_TRUST, SERVER_TRUST)})


def trusting_as_before(spec: IdentitySpec, generation: Generation | None) -> IdentitySpec:
    """Add to both trust bundles what they hold in a generation."""
    if generation is None:
        return spec
    held = {name: generation.read(name) for name in (CLIENT_TRUST, SERVER_TRUST) if name not in generation.faults}
    return replace(spec, trust={name: merged(pem, held.get(name, b"")) for name, pem in spec.trust.items()})


def _trusts_otherwise(spec: IdentitySpec, current: Generation | None) -> bool:
    if current is None or current.manifest is None:
        return False
    return trust_reason(trusting_itself(spec, current).trust, current.manifest.files) is not None
