# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node says C(certificate) would do there, by type: nothing of it is used that is not one of these."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import Reason
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.identity import PendingFacts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.reader import described, odd


@dataclass(frozen=True)
class SeenHold:
    """The generation at which an identity is held, since when and why."""

    generation: str
    since: str
    why: str
    ends_soon: bool


@dataclass(frozen=True)
class SelfKnowledge:
    """What a node says beside the outcome: an issuer that may not be replaced, or the PEM that it is known by."""

    foreign_issuer: str | None = None
    known_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeenEnrolment:
    """What C(certificate) would do, as it says in check mode; C(reason) is the value of a C(Reason)."""

    changed: bool
    renewed: bool = False
    reason: str | None = None
    path: str | None = None
    generation: str | None = None
    not_after: str | None = None
    fingerprint_sha256: str | None = None
    trust_sha256: str | None = None
    held: SeenHold | None = None
    pending: PendingFacts | None = None
    waiting_sha256: str | None = None
    enrolment: SelfKnowledge = SelfKnowledge()

    @property
    def is_foreign(self) -> bool:
        """Whether the present certificate is of an issuer that may not be replaced."""
        return self.enrolment.foreign_issuer is not None


def check_enrolment(seen: SeenEnrolment, where: str) -> None:
    """Raise where a reason or a time is none."""
    if seen.reason is not None and seen.reason not in set(Reason):
        odd(f"{where}.reason", described(seen.reason), f"one of {', '.join(Reason)}")
    pending = (seen.pending.since, seen.pending.not_after) if seen.pending else ()
    for text in filter(None, (seen.not_after, seen.held.since if seen.held else None, *pending)):
        try:
            parse_utc(text)
        except OrthancTlsError:
            odd(where, described(text), "a time such as 2026-11-24T11:00:00Z")
