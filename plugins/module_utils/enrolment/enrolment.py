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
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.request import AcceptedIssuers
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    KEY,
    LEAF_FILES,
    Generation,
    leaf_files,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import read_hold
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.result import outcome
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.spec import reason
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import Reason, leaf_reason


@dataclass(frozen=True)
class Enrolment:
    """One execution on a node whose leaf the control node signs."""

    execution: Execution

    def inspect(self, accepted: AcceptedIssuers, clock: str, *, check_mode: bool) -> dict[str, Any]:
        """Say what has to be done, do it where it takes no signature, and else answer with a CSR.

        An identity that is held stays as it is, whatever is due. C(clock) is the control node's.
        """
        execution = self.execution
        with execution.store.locked():
            current = execution.store.current()
            held = execution.held(current)
            if held is not None:
                return held
            foreign = foreign_issuer(current, accepted)
            if foreign is not None:
                return {"changed": False, "enrolment": {"foreign_issuer": foreign}}
            why = reason(execution.spec, current, execution.now)
            if why is not None and why.renews:
                execution.compare_clocks(clock)
            if check_mode and why is not None:
                return outcome(execution.path, execution.spec, why, current, None)
            if not check_mode:
                execution.store.remove_leftovers()
            return self._proceed(why, current)

    def install(self, *, reason: str, staged: str, leaf: Mapping[str, Any], cert: str, chain: str) -> dict[str, Any]:
        """Try what the control node signed for the staged key, and make it the current generation.

        C(leaf) says what C(cert) holds; C(chain) are its issuers without the root.
        """
        new, execution = Leaf.from_arguments(leaf), self.execution
        with execution.store.locked(), execution.store.discarded_on_failure(staged):
            if read_hold(execution.path) is not None:
                raise OrthancTlsError(
                    f"{execution.path} was put on hold while this run went on; the old certificate stays. To renew it, "
                    "release it first (rollback.yml with rollback_release), and run the task again."
                )
            self._compare_with_order(new)
            before = execution.store.current()
            files = leaf_files(execution.store.staged_key(staged), cert.encode(), chain.encode())
            after = execution.write(staged, new, {**files, **execution.spec.trust}, before)
        return outcome(execution.path, execution.spec, Reason(reason), before, after)

    def withdraw(self, *, staged: str) -> dict[str, Any]:
        """Remove a staged key that the control node will not sign for."""
        self.execution.store.discard(staged)
        return {"changed": False}

    def _proceed(self, why: Reason | None, current: Generation | None) -> dict[str, Any]:
        execution = self.execution
        if why is None:
            return outcome(execution.path, execution.spec, None, current, current)
        if current is None or current.manifest is None or why.renews:
            return {"changed": False, "enrolment": {"reason": why.value, **self._request()}}
        contents = {**{name: current.read(name) for name in LEAF_FILES}, **execution.spec.trust}
        after = execution.write(execution.stage({}), current.manifest.leaf, contents, current)
        return outcome(execution.path, execution.spec, why, current, after)

    def _request(self) -> dict[str, str]:
        # Late, as most runs need no key.
        from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.node_key import new_key

        pem, csr = new_key(self.execution.spec.leaf.key_type)
        return {"staged": self.execution.stage({KEY: pem}), "csr": csr.decode()}

    def _compare_with_order(self, leaf: Leaf) -> None:
        # The question that the next run will ask: a leaf that is due at once would be renewed for ever.
        wrong = leaf_reason(self.execution.spec.leaf.unforced(), leaf, self.execution.now)
        if wrong is not None:
            raise OrthancTlsError(
                f"The new certificate is not what the task asks for ({wrong.value}): {leaf.key_type} for "
                f"{', '.join(leaf.names)} until {utc_text(leaf.not_after)}; the old one stays."
            )
