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
from datetime import timedelta
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.enrolment import Enrolment
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.generation_writer import write_generation
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.self_signing_plan import (
    SelfSigningPlan,
    SelfSigningStep,
    plan,
    trusting,
    trusting_as_before,
    waits_for,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CERT,
    LEAF_FILES,
    Generation,
    leaf_files,
    sha256,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import read_hold
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.result import held_outcome, outcome
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.spec import Reason
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import CURRENT, WAITING
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf


@dataclass(frozen=True)
class PinnedEnrolment(Enrolment):
    """One execution on a node that signs for itself."""

    def keep_up(self, *, keeps_trust: bool = False, **request: Any) -> dict[str, Any]:
        """Do the one step that is due, and say by which certificates the node is known from now on.

        With C(keeps_trust) all that the node trusts stays trusted. The rest is C(_kept_up)'s.
        """
        with self.store.locked():
            current, waiting = self.store.current(), self.store.waiting()
            spec = trusting_as_before(self.spec, current) if keeps_trust else self.spec
            return replace(self, spec=spec)._kept_up(current, waiting, **request)

    def _kept_up(
        self,
        current: Generation | None,
        waiting: Generation | None,
        *,
        lifetime: int,
        activate: bool,
        replace_issued: bool,
        clock: str,
        check_mode: bool,
    ) -> dict[str, Any]:
        """Do the one step that is due.

        C(lifetime) is in seconds. C(activate) lets a new certificate go live; C(replace_issued) lets it take the place
        of one that a CA issued. C(clock) is the controller's.
        """
        hold = read_hold(self.path)
        if hold is not None and current is not None:
            known_by = _known_by(current, waiting)
            return held_outcome(self.path, self.spec, current, hold, self.now) | known_by
        found = plan(self.spec, current, waiting, self.now, activate=activate)
        if found.why is Reason.ISSUER_CHANGED and not replace_issued and current and current.manifest:
            return {"changed": False, "enrolment": {"foreign_issuer": current.manifest.leaf.issuer}}
        if found.step in (SelfSigningStep.PREPARE, SelfSigningStep.REPLACE):
            self._compare_clocks(clock)
        fitting = waits_for(self.spec, current, waiting, self.now)
        if check_mode:
            return self._result(found, current, None if found.why else current, fitting, ())
        self.store.remove_leftovers()
        return self._carried_out(found, current, fitting, timedelta(seconds=lifetime))

    def _carried_out(
        self, found: SelfSigningPlan, current: Generation | None, waiting: Generation | None, lifetime: timedelta
    ) -> dict[str, Any]:
        if found.step is SelfSigningStep.PREPARE:
            prepared = self._made(lifetime, WAITING, current)
            return self._result(found, current, current, prepared, ())
        if found.step is SelfSigningStep.REPLACE:
            after = self._made(lifetime, CURRENT, current)
        elif found.step is SelfSigningStep.ACTIVATE and waiting is not None and waiting.manifest is not None:
            after = self._copied(waiting, waiting.manifest.leaf, current)
        elif found.step is SelfSigningStep.TRUST and current is not None and current.manifest is not None:
            after = self._copied(current, current.manifest.leaf, current)
            return self._result(found, current, after, waiting, ())
        else:
            if waiting is None:
                self.store.drop_waiting()
            return self._result(found, current, current, waiting, ())
        self.store.drop_waiting()
        # Whoever must trust this node holds the former certificate until the next run, should this one be undone.
        return self._result(found, current, after, None, (current,) if current else ())

    def _copied(self, source: Generation, leaf: Leaf, current: Generation | None) -> Generation:
        """Make key and certificate of C(source) live, with the trust that the task asks for now."""
        return self._written(leaf, {name: source.read(name) for name in LEAF_FILES}, CURRENT, current)

    def _made(self, lifetime: timedelta, link: str, current: Generation | None) -> Generation:
        """Make a new key, and sign for it with itself."""
        _need_cryptography()

        from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem
        from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import self_signed_leaf
        from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key, private_key_pem
        from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import read_leaf

        spec, key = self.spec, generate_key(self.spec.key_type)
        certificate = self_signed_leaf(
            key,
            common_name=spec.common_name,
            names=spec.names,
            extended_key_usage=spec.extended_key_usage,
            lifetime=lifetime,
            now=self.now,
        )
        files = leaf_files(private_key_pem(key, None), certificate_pem(certificate), b"")
        return self._written(read_leaf(certificate, certificate), files, link, current)

    def _written(self, leaf: Leaf, files: Mapping[str, bytes], link: str, current: Generation | None) -> Generation:
        live = _certificate(current) if current else b""
        contents = {**files, **trusting(self.spec, files[CERT], live).trust}
        staged = self.store.stage(self.now)
        with self.store.discarded_on_failure(staged):
            return write_generation(self.store, staged, leaf, contents, current, keep=self.keep, link=link)

    def _result(
        self,
        found: SelfSigningPlan,
        before: Generation | None,
        after: Generation | None,
        waiting: Generation | None,
        former: tuple[Generation, ...],
    ) -> dict[str, Any]:
        shown = waiting if found.step is SelfSigningStep.PREPARE and after is not None else after
        result = outcome(self.path, self.spec, found.why, before, shown)
        if shown is not after:
            live = outcome(self.path, self.spec, found.why, before, after)
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
    if manifest is None or manifest.leaf.issuer_sha256 != manifest.leaf.fingerprint_sha256:
        return b""
    return pem if sha256(pem) == manifest.files[CERT] else b""


def _need_cryptography() -> None:
    """Raise where it is missing: nothing has been written yet."""
    if importlib.util.find_spec("cryptography") is None:
        raise OrthancTlsError(
            "Python's cryptography is missing on this node, which signs for itself; install python3-cryptography."
        )
