# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node's half of C(certificate) where the control node signs: look, stage a key, install what was signed for it.

It takes the standard library and the program openssl; a run that has nothing to do needs neither openssl nor ssl.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.execution import Execution
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.foreign_issuer import foreign_issuer
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.request import InspectRequest
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    KEY,
    LEAF_FILES,
    SERVER_TRUST,
    Generation,
    leaf_files,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import read_hold
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.pending import (
    REQUEST,
    PendingOrder,
    keep_answer,
    pending_file,
    place,
    read_pending,
    remove_pending,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.result import (
    outcome,
    pending_outcome,
    told_pending,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.spec import reason
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import (
    Reason,
    leaf_reason,
    trust_reason,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.trust_bundle import fingerprints

_NEW_ROOT = "every node to trust {root}, which is new: with this run they do, and the next one installs what is there"


@dataclass(frozen=True)
class Enrolment:
    """One execution on a node whose leaf the control node signs."""

    execution: Execution

    def inspect(self, request: InspectRequest, *, check_mode: bool) -> dict[str, Any]:
        """Say what has to be done, do it where it takes no signature, and else answer with a CSR.

        An identity that is held stays as it is, whatever is due.
        """
        execution = self.execution
        with execution.store.locked():
            current = execution.store.current()
            held = execution.held(current)
            if held is not None:
                return held
            foreign = foreign_issuer(current, request.accepted)
            if foreign is not None:
                return {"changed": False, "enrolment": {"foreign_issuer": foreign}}
            pending = self._pending() if request.keeps_order else None
            why = self._due(current, pending)
            if why is not None and why.renews:
                execution.compare_clocks(request.clock)
            if check_mode and why is not None:
                planned = outcome(execution.path, execution.spec, why, current, None)
                waits = told_pending(pending, current, execution.now) if pending and why.renews else None
                return planned | {"pending": waits}
            if not check_mode:
                execution.store.remove_leftovers()
                if pending is None and not execution.spec.trust_only:
                    remove_pending(execution.path)
            return self._proceed(why, current, pending, keeps_order=request.keeps_order)

    def install(self, *, reason: str, staged: str, leaf: Mapping[str, Any], cert: str, chain: str) -> dict[str, Any]:
        """Try what the control node signed for the staged key, and make it the current generation.

        C(leaf) says what C(cert) holds; C(chain) are its issuers without the root. The key of an order that was kept
        stays where that fails, as the certificate may be corrected.
        """
        new, execution = Leaf.from_arguments(leaf), self.execution
        with execution.store.locked():
            kept = self._kept(staged)
            if kept and self._is_of_new_root(new):
                return self._wait(staged, reason, _NEW_ROOT.format(root=new.issuer))
            if kept:
                staged = execution.stage({KEY: pending_file(execution.path, KEY)})
            with execution.store.discarded_on_failure(staged):
                if read_hold(execution.path) is not None:
                    raise OrthancTlsError(
                        f"{execution.path} was put on hold while this run went on; the old certificate stays. To renew "
                        "it, release it first (rollback.yml with rollback_release), and run the task again."
                    )
                self._compare_with_order(new)
                before = execution.store.current()
                files = leaf_files(execution.store.staged_key(staged), cert.encode(), chain.encode())
                after = execution.write(staged, new, {**files, **execution.spec.trust}, before)
            if kept:
                remove_pending(execution.path)
        return outcome(execution.path, execution.spec, Reason(reason), before, after)

    def withdraw(self, *, staged: str) -> dict[str, Any]:
        """Remove a staged key that the control node will not sign for."""
        self.execution.store.discard(staged)
        return {"changed": False}

    def wait(self, *, staged: str, reason: str, waits_for: str) -> dict[str, Any]:
        """Keep the order as the issuer answers later, and what is live, with the trust that the task asks for."""
        with self.execution.store.locked():
            return self._wait(staged, reason, waits_for)

    def _wait(self, staged: str, reason: str, waits_for: str) -> dict[str, Any]:
        execution = self.execution
        current, order = execution.store.current(), self._pending()
        if order is None or order.name != staged:
            raise OrthancTlsError(f"Another run has replaced the order in {execution.path}; run the task again.")
        answered = order.answered(waits_for)
        if answered != order:
            keep_answer(execution.path, answered)
        why, after = None, current
        if current is not None and current.manifest is not None and not current.faults:
            why = trust_reason(execution.spec.trust, current.manifest.files)
            after = self._with_trust(current, current.manifest.leaf) if why else current
        return pending_outcome(execution.path, execution.spec, why, current, after) | {
            "changed": why is not None or not order.waits_for,
            "reason": why.value if why else reason,
            "pending": told_pending(answered, after, execution.now),
        }

    def _due(self, current: Generation | None, pending: PendingOrder | None) -> Reason | None:
        why, spec = reason(self.execution.spec, current, self.execution.now), self.execution.spec
        # What was ordered is wanted until it is there: C(force) is asked for once.
        if pending and not spec.trust_only and (why is None or not why.renews):
            return pending.reason
        return why

    def _pending(self) -> PendingOrder | None:
        """Return the order that waits, if it is what the task asks for now."""
        order = read_pending(self.execution.path)
        return order if order and order.asked == self.execution.spec.leaf.sha256 else None

    def _is_of_new_root(self, leaf: Leaf) -> bool:
        """Whether the others may not trust the leaf yet: its root is not that of the present one, nor trusted here."""
        current = self.execution.store.current()
        if current is None or current.manifest is None or current.faults:
            return False
        present = current.manifest.leaf
        if present.not_after <= self.execution.now or present.issuer_sha256 == leaf.issuer_sha256:
            return False
        return leaf.issuer_sha256 not in fingerprints(current.read(SERVER_TRUST))

    def _kept(self, staged: str) -> bool:
        order = read_pending(self.execution.path)
        return order is not None and order.name == staged

    def _proceed(
        self, why: Reason | None, current: Generation | None, pending: PendingOrder | None, *, keeps_order: bool
    ) -> dict[str, Any]:
        execution = self.execution
        if why is None:
            return outcome(execution.path, execution.spec, None, current, current)
        if current is None or current.manifest is None or why.renews:
            request = self._kept_request(why, pending) if keeps_order else self._request()
            return {"changed": False, "enrolment": {"reason": why.value, **request}}
        after = self._with_trust(current, current.manifest.leaf)
        return outcome(execution.path, execution.spec, why, current, after)

    def _with_trust(self, current: Generation, leaf: Leaf) -> Generation:
        contents = {**{name: current.read(name) for name in LEAF_FILES}, **self.execution.spec.trust}
        return self.execution.write(self.execution.stage({}), leaf, contents, current)

    def _request(self) -> dict[str, str]:
        # Late, as most runs need no key.
        from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.node_key import new_key

        pem, csr = new_key(self.execution.spec.leaf.key_type)
        return {"staged": self.execution.stage({KEY: pem}), "csr": csr.decode()}

    def _kept_request(self, why: Reason, pending: PendingOrder | None) -> dict[str, str]:
        """Ask for what was ordered before, with the same key, or place an order that stays until it is answered."""
        execution = self.execution
        if pending is None:
            from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.node_key import new_request

            leaf = execution.spec.leaf
            key, csr = new_request(leaf.key_type, leaf.common_name, leaf.names, leaf.extended_key_usage)
            order = PendingOrder("", leaf.sha256, why, execution.now)
            pending = place(execution.path, execution.store, order, key, csr)
        return {"staged": pending.name, "csr": pending_file(execution.path, REQUEST).decode()}

    def _compare_with_order(self, leaf: Leaf) -> None:
        # The question that the next run will ask: a leaf that is due at once would be renewed for ever.
        wrong = leaf_reason(self.execution.spec.leaf.unforced(), leaf, self.execution.now)
        if wrong is not None:
            raise OrthancTlsError(
                f"The new certificate is not what the task asks for ({wrong.value}): {leaf.key_type} for "
                f"{', '.join(leaf.names)} until {utc_text(leaf.not_after)}; the old one stays."
            )
