# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node's half of C(certificate): look at the identity, stage a key, install what the controller signed.

It takes the standard library and the program openssl; a run that has nothing to do needs neither openssl nor ssl.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc, utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.generation_writer import write_generation
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import gid_of, uid_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CERT,
    FULLCHAIN,
    KEY,
    LEAF_FILES,
    SERVER,
    Generation,
    Manifest,
    Ownership,
    leaf_files,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import read_hold
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.result import held_outcome, outcome
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.spec import IdentitySpec, Reason, reason
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import GenerationStore
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf

LARGEST_SKEW = timedelta(hours=1)  # by as much is a leaf backdated


@dataclass(frozen=True)
class Enrolment:
    """One execution on a node: where, for what, and when by the node's own clock."""

    path: str
    store: GenerationStore
    spec: IdentitySpec
    keep: int
    now: datetime

    @classmethod
    def of(cls, parameters: Mapping[str, Any], spec: Mapping[str, Any], *, check_mode: bool, now: datetime) -> Self:
        """Read the module's parameters. In check mode owner and group need not exist yet."""
        path = os.path.normpath(parameters["path"])
        ownership = _ownership(parameters["owner"], parameters["group"], tolerant=check_mode)
        return cls(path, GenerationStore(path, ownership), IdentitySpec.from_arguments(spec), parameters["keep"], now)

    def inspect(self, *, issuers: Mapping[str, str] | None, clock: str, check_mode: bool) -> dict[str, Any]:
        """Say what has to be done, do it where it takes no signature, and else answer with a CSR.

        An identity that is held stays as it is, whatever is due.

        C(issuers) maps the SHA-256 of each issuing certificate of the CA folder to its key identifier; C(None)
        lets a certificate of any other issuer be replaced. C(clock) is the controller's.
        """
        with self.store.locked():
            current = self.store.current()
            hold = read_hold(self.path)
            if hold is not None and current is not None:
                return held_outcome(self.path, self.spec, current, hold, self.now)
            foreign = None if issuers is None or current is None else _foreign_issuer(current, issuers)
            if foreign is not None:
                return {"changed": False, "enrolment": {"foreign_issuer": foreign}}
            why = reason(self.spec, current, self.now)
            if why is not None and why.renews:
                self._compare_clocks(clock)
            if check_mode and why is not None:
                return outcome(self.path, self.spec, why, current, None)
            if not check_mode:
                self.store.remove_leftovers()
            return self._proceed(why, current)

    def install(self, *, reason: str, staged: str, leaf: Mapping[str, Any], cert: str, chain: str) -> dict[str, Any]:
        """Try what the controller signed for the staged key, and make it the current generation.

        C(leaf) says what C(cert) holds; C(chain) are its issuers without the root.
        """
        new = Leaf.from_arguments(leaf)
        with self.store.locked(), self.store.discarded_on_failure(staged):
            if read_hold(self.path) is not None:
                raise OrthancTlsError(
                    f"{self.path} was put on hold while this run went on; the old certificate stays. To renew it, "
                    "release it first (rollback.yml with rollback_release), and run the task again."
                )
            self._compare_with_order(new)
            before = self.store.current()
            files = leaf_files(self.store.staged_key(staged), cert.encode(), chain.encode())
            after = self._replace(staged, new, files, before)
        return outcome(self.path, self.spec, Reason(reason), before, after)

    def withdraw(self, *, staged: str) -> dict[str, Any]:
        """Remove a staged key that the controller will not sign for."""
        self.store.discard(staged)
        return {"changed": False}

    def _proceed(self, why: Reason | None, current: Generation | None) -> dict[str, Any]:
        if why is None:
            return outcome(self.path, self.spec, None, current, current)
        if current is None or current.manifest is None or why.renews:
            return {"changed": False, "enrolment": {"reason": why.value, **self._stage()}}
        staged = self.store.stage(self.now)
        with self.store.discarded_on_failure(staged):
            files = {name: current.read(name) for name in LEAF_FILES}
            after = self._replace(staged, current.manifest.leaf, files, current)
        return outcome(self.path, self.spec, why, current, after)

    def _replace(self, staged: str, leaf: Leaf, files: Mapping[str, bytes], before: Generation | None) -> Generation:
        return write_generation(self.store, staged, leaf, {**files, **self.spec.trust}, before, keep=self.keep)

    def _stage(self) -> dict[str, str]:
        # Late, as most runs need no key.
        from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.node_key import new_key

        pem, csr = new_key(self.spec.key_type)
        staged = self.store.stage(self.now)
        with self.store.discarded_on_failure(staged):
            self.store.fill(staged, {KEY: pem})
        return {"staged": staged, "csr": csr.decode()}

    def _compare_with_order(self, leaf: Leaf) -> None:
        # The question that the next run will ask: a leaf that is due at once would be renewed for ever.
        manifest = Manifest.of(leaf, self.spec.trust)
        asked = replace(self.spec, force=False, trust_only=False)
        wrong = reason(asked, Generation("", manifest, {}), self.now)
        if wrong is not None:
            raise OrthancTlsError(
                f"The new certificate is not what the task asks for ({wrong.value}): {leaf.key_type} for "
                f"{', '.join(leaf.names)} until {utc_text(leaf.not_after)}; the old one stays."
            )

    def _compare_clocks(self, clock: str) -> None:
        if abs(self.now - parse_utc(clock)) > LARGEST_SKEW:
            raise OrthancTlsError(
                f"This node's clock says {utc_text(self.now)} and the control node's says {clock}, more than an hour "
                "apart: a certificate signed now could be not valid yet, or already expired; set the wrong clock."
            )


def _ownership(owner: str, group: str, *, tolerant: bool) -> Ownership:
    return Ownership(_known(uid_of, owner, tolerant), _known(gid_of, group, tolerant))


def _known(number_of: Callable[[str], int], name: str, tolerant: bool) -> int | None:
    try:
        return number_of(name)
    except OrthancTlsError:
        if tolerant:
            return None
        raise


def _foreign_issuer(current: Generation, issuers: Mapping[str, str]) -> str | None:
    """Return the name of the issuer that is not among C(issuers); C(None) when it is, or when there is no telling."""
    manifest = current.manifest
    if manifest is not None and CERT not in current.faults:
        return None if manifest.leaf.issuer_sha256 in issuers else manifest.leaf.issuer
    found = _issuer_on_disk(current)
    if found is not None:
        return None if found[1] in issuers.values() else found[0]
    return None if manifest is None or manifest.leaf.issuer_sha256 in issuers else manifest.leaf.issuer


def _issuer_on_disk(current: Generation) -> tuple[str, str] | None:
    """Read the issuer's name and key identifier from a leaf whose manifest cannot be relied on."""
    try:
        import cryptography  # noqa: F401

        from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import issuer_of
    except ImportError:
        return None
    found = (issuer_of(current.read(name)) for name in (CERT, FULLCHAIN, SERVER))
    return next((issuer for issuer in found if issuer is not None), None)
