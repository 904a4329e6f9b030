# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node tells of its identity, by type: what C(certificate_info) says of a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class CertificateFacts:
    """What is told of one certificate."""

    subject: str
    issuer: str
    fingerprint_sha256: str
    serial: str | None = None
    names: tuple[str, ...] = ()
    not_before: str | None = None
    not_after: str | None = None
    days_left: int | None = None
    public_key_sha256: str | None = None
    key_type: str | None = None
    is_ca: bool | None = None
    extended_key_usage: tuple[str, ...] = ()
    key_usage: tuple[str, ...] = ()
    subject_key_identifier: str | None = None
    authority_key_identifier: str | None = None


@dataclass(frozen=True)
class HoldFacts:
    """At which generation an identity is held, since when and why; C(ends_soon) where C(certificate) tells it."""

    generation: str
    since: str
    why: str
    ends_soon: bool | None = None


@dataclass(frozen=True)
class PendingFacts:
    """Since when an order waits for its issuer, and for what; the rest, of the present leaf, C(certificate) tells."""

    since: str
    waits_for: str
    not_after: str | None = None
    valid: bool | None = None


@dataclass(frozen=True)
class GenerationFacts:
    """What is told of a generation's folder."""

    name: str
    path: str | None = None
    matches_manifest: bool | None = None
    faults: Mapping[str, str] | None = None
    trust_sha256: str | None = None


@dataclass(frozen=True)
class IdentityFacts:
    """What is told of an identity's folder."""

    held: HoldFacts | None
    certificates: tuple[CertificateFacts, ...]
    client_trust: tuple[CertificateFacts, ...]
    server_trust: tuple[CertificateFacts, ...]
    generation: GenerationFacts
