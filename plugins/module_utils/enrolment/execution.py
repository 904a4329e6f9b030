# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One execution of C(certificate) on a node, for any issuer: where, for what, when, and how a generation is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc, utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import gid_of, number_if_known, uid_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    MANIFEST,
    SERVER,
    SERVER_TRUST,
    Generation,
    Manifest,
    Ownership,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import read_hold
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.result import held_outcome
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.spec import IdentitySpec
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import CURRENT, GenerationStore
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf

LARGEST_SKEW = timedelta(hours=1)  # by as much is a leaf backdated


@dataclass(frozen=True)
class Execution:
    """One execution on a node: where, for what, and when by the node's own clock."""

    path: str
    store: GenerationStore
    spec: IdentitySpec
    keep: int
    now: datetime

    @classmethod
    def of(cls, parameters: Mapping[str, Any], *, check_mode: bool, now: datetime) -> Execution:
        """Read the module's parameters. In check mode owner and group need not exist yet."""
        path = os.path.normpath(parameters["path"])
        ownership = _ownership(parameters["owner"], parameters["group"], tolerant=check_mode)
        spec = IdentitySpec.from_arguments(parameters["enrolment"]["spec"])
        return cls(path, GenerationStore(path, ownership), spec, parameters["keep"], now)

    def held(self, current: Generation | None) -> dict[str, Any] | None:
        """Return the module's result where the identity is held, and so stays as it is, whatever is due."""
        hold = read_hold(self.path)
        if hold is None or current is None:
            return None
        return held_outcome(self.path, self.spec, current, hold, self.now)

    def compare_clocks(self, clock: str) -> None:
        """Raise where the control node's clock and this node's are too far apart to sign anything."""
        if abs(self.now - parse_utc(clock)) > LARGEST_SKEW:
            raise OrthancTlsError(
                f"This node's clock says {utc_text(self.now)} and the control node's says {clock}, more than an hour "
                "apart: a certificate signed now could be not valid yet, or already expired; set the wrong clock."
            )

    def stage(self, contents: Mapping[str, bytes]) -> str:
        """Make a generation that nobody sees yet, with some of its files, and return its name."""
        staged = self.store.stage(self.now)
        with self.store.discarded_on_failure(staged):
            self.store.fill(staged, contents)
        return staged

    def write(
        self, staged: str, leaf: Leaf, contents: Mapping[str, bytes], before: Generation | None, *, link: str = CURRENT
    ) -> Generation:
        """Fill a staged generation, try it in a handshake, let C(link) name it, and remove old ones.

        C(before) is the generation that is live now. Where anything fails, the links stay as they are, and what was
        staged is removed. No generation is removed as long as nothing is live.
        """
        with self.store.discarded_on_failure(staged):
            self.store.fill(staged, contents)
            _rehearse(self.store.staged_folder(staged), leaf)
            manifest = Manifest.of(leaf, contents, before.name if before else None)
            self.store.fill(staged, {MANIFEST: manifest.to_json()})
            generation = self.store.commit(staged, link)
            if self.store.is_live():
                self.store.prune(self.keep)
            return generation


def _rehearse(folder: str, leaf: Leaf) -> None:
    # Late, as most runs write nothing and need no ssl.
    from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.rehearsal import IdentityFiles, check_identity

    files = IdentityFiles(*(os.path.join(folder, name) for name in (SERVER, CLIENT_TRUST, SERVER_TRUST)))
    check_identity(files, names=leaf.names, usages=leaf.extended_key_usage)


def _ownership(owner: str, group: str, *, tolerant: bool) -> Ownership:
    return Ownership(number_if_known(uid_of, owner, tolerant), number_if_known(gid_of, group, tolerant))
