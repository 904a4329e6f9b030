# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node's half of C(certificate) where the node signs for itself.

A run that has nothing to do takes the standard library only.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.execution import Execution
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.foreign_issuer import foreign_issuer
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.request import (
    AcceptedIssuers,
    SelfSigningOrder,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.self_signing_plan import (
    SelfSigningPlan,
    SelfSigningStep,
    plan,
    trusting,
    trusting_as_before,
    waits_for,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.state import digest
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CERT,
    LEAF_FILES,
    Generation,
    leaf_files,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.result import outcome
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import CURRENT, WAITING
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import IssuedByItself, Reason


@dataclass(frozen=True)
class SelfSigning:
    """One execution on a node that signs for itself."""

    execution: Execution
    order: SelfSigningOrder

    def inspect(self, accepted: AcceptedIssuers, clock: str, *, check_mode: bool) -> dict[str, Any]:
        """Do the one step that is due, and say by which certificates the node is known from now on.

        An identity that is held stays as it is, whatever is due. C(clock) is the control node's.
        """
        store, spec = self.execution.store, self.execution.spec
        with store.locked():
            current, waiting = store.current(), store.waiting()
            spec = trusting_as_before(spec, current) if self.order.keeps_trust else spec
            signing = replace(self, execution=replace(self.execution, spec=spec))
            return signing._inspected(current, waiting, accepted, clock, check_mode=check_mode)

    def _inspected(
        self,
        current: Generation | None,
        waiting: Generation | None,
        accepted: AcceptedIssuers,
        clock: str,
        *,
        check_mode: bool,
    ) -> dict[str, Any]:
        execution = self.execution
        held = execution.held(current)
        if held is not None:
            return held | _known_by(current, waiting)
        found = plan(execution.spec, current, waiting, execution.now, activate=self.order.activate)
        # Only where it would be replaced in this step: what waits beside it was allowed before.
        foreign = foreign_issuer(current, accepted) if found.why is Reason.ISSUER_CHANGED else None
        if foreign is not None:
            return {"changed": False, "enrolment": {"foreign_issuer": foreign}}
        if found.step in (SelfSigningStep.PREPARE, SelfSigningStep.REPLACE):
            execution.compare_clocks(clock)
        fitting = waits_for(execution.spec, current, waiting, execution.now)
        if check_mode:
            return self._result(found, current, None if found.why else current, fitting, ())
        execution.store.remove_leftovers()
        return self._carried_out(found, current, fitting)

    def _carried_out(
        self, found: SelfSigningPlan, current: Generation | None, waiting: Generation | None
    ) -> dict[str, Any]:
        if found.step is SelfSigningStep.PREPARE:
            prepared = self._made(WAITING, current)
            return self._result(found, current, current, prepared, ())
        if found.step is SelfSigningStep.REPLACE:
            after = self._made(CURRENT, current)
        elif found.step is SelfSigningStep.ACTIVATE and waiting is not None and waiting.manifest is not None:
            after = self._copied(waiting, waiting.manifest.leaf, current)
        elif found.step is SelfSigningStep.TRUST and current is not None and current.manifest is not None:
            after = self._copied(current, current.manifest.leaf, current)
            return self._result(found, current, after, waiting, ())
        else:
            if waiting is None:
                self.execution.store.drop_waiting()
            return self._result(found, current, current, waiting, ())
        self.execution.store.drop_waiting()
        # Whoever must trust this node holds the former certificate until the next run, should this one be undone.
        return self._result(found, current, after, None, (current,) if current else ())

    def _copied(self, source: Generation, leaf: Leaf, current: Generation | None) -> Generation:
        """Make key and certificate of C(source) live, with the trust that the task asks for now."""
        return self._written(leaf, {name: source.read(name) for name in LEAF_FILES}, CURRENT, current)

    def _made(self, link: str, current: Generation | None) -> Generation:
        """Make a new key, and sign for it with itself."""
        _need_cryptography()

        from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem
        from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import self_signed_leaf
        from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key, private_key_pem
        from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import read_leaf

        order, key = self.execution.spec.leaf, generate_key(self.execution.spec.leaf.key_type)
        certificate = self_signed_leaf(
            key,
            common_name=order.common_name,
            names=order.names,
            extended_key_usage=order.extended_key_usage,
            lifetime=self.order.lifetime,
            now=self.execution.now,
            holder=order.holder,
        )
        files = leaf_files(private_key_pem(key), certificate_pem(certificate), b"")
        return self._written(read_leaf(certificate, certificate), files, link, current)

    def _written(self, leaf: Leaf, files: Mapping[str, bytes], link: str, current: Generation | None) -> Generation:
        live = _certificate(current) if current else b""
        contents = {**files, **trusting(self.execution.spec, files[CERT], live).trust}
        return self.execution.write(self.execution.stage({}), leaf, contents, current, link=link)

    def _result(
        self,
        found: SelfSigningPlan,
        before: Generation | None,
        after: Generation | None,
        waiting: Generation | None,
        former: tuple[Generation, ...],
    ) -> dict[str, Any]:
        shown = waiting if found.step is SelfSigningStep.PREPARE and after is not None else after
        result = outcome(self.execution.path, self.execution.spec, found.why, before, shown)
        if shown is not after:
            live = outcome(self.execution.path, self.execution.spec, found.why, before, after)
            result |= {name: live[name] for name in ("generation", "not_after", "fingerprint_sha256")}
        manifest = after.manifest if after else None
        return result | {
            "trust_sha256": manifest.trust_sha256 if manifest else None,
            "waiting_sha256": waiting.manifest.leaf.fingerprint_sha256 if waiting and waiting.manifest else None,
            **_known_by(after or before, waiting, *former),
        }


def _known_by(*generations: Generation | None) -> dict[str, Any]:
    certificates = [_certificate(generation) for generation in generations if generation is not None]
    return {"enrolment": {"known_by": [pem.decode() for pem in certificates if pem]}}


def _certificate(generation: Generation) -> bytes:
    """Return the certificate that a generation signed for itself; empty where there is none, or another one by now."""
    pem, manifest = generation.read(CERT), generation.manifest
    if manifest is None or not IssuedByItself().issued(manifest.leaf):
        return b""
    return pem if digest(pem) == manifest.files[CERT] else b""


def _need_cryptography() -> None:
    """Raise where it is missing: nothing has been written yet."""
    if importlib.util.find_spec("cryptography") is None:
        raise OrthancTlsError(
            "Python's cryptography is missing on this node, which signs for itself; install python3-cryptography."
        )
