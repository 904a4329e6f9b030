# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one reader of what C(node_verify) answers: all that a node says is data about itself, and has its type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.identity import PendingFacts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.reader import (
    check_size,
    check_success,
    described,
    odd,
    read_as,
    types_of,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import SeenAnswers


@dataclass(frozen=True)
class SeenLink:
    """What came of following a link of the DICOMweb server; C(ok) is None where there was nothing to follow."""

    ok: bool | None
    seen: str


@dataclass(frozen=True)
class SeenFacts:
    """Facts of certificates in a file or folder, or why there are none."""

    facts: Mapping[str, Any] | None
    fault: str | None


@dataclass(frozen=True)
class SeenCertificate:
    """What a verification needs of a certificate's facts."""

    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    public_key_sha256: str
    fingerprint_sha256: str
    subject_key_identifier: str | None
    authority_key_identifier: str | None

    @property
    def is_self_signed(self) -> bool:
        """Whether it names itself as its issuer."""
        return self.subject == self.issuer


_TEXTS = ("subject", "issuer", "public_key_sha256", "fingerprint_sha256")
_IDENTIFIERS = ("subject_key_identifier", "authority_key_identifier")


@dataclass(frozen=True)
class SeenVerification:
    """What one node has answered. C(words) is what Orthanc logged, by the name of the probe that failed."""

    answers: SeenAnswers
    words: Mapping[str, tuple[str, ...]]
    link: SeenLink | None
    identity: SeenFacts
    certificate: SeenFacts | None
    pending: PendingFacts | None = None

    @classmethod
    def read(cls, host: str, answer: Mapping[str, Any]) -> SeenVerification:
        """Read what a host has answered; anything odd is an error that names it."""
        check_success(answer, f"{host}: cannot be verified")
        found = {}
        for name, kind in _TYPES.items():
            where = f"{host}: {name}"
            check_size(answer.get(name), where)
            found[name] = read_as(kind, answer.get(name), where)
        return cls(**found)


_TYPES = types_of(SeenVerification)


def certificates_of(host: str, facts: Mapping[str, Any], name: str) -> tuple[SeenCertificate, ...]:
    """Return the certificates of one list of facts, by type."""
    listed = facts.get(name)
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        odd(f"{host}: {name}", described(listed), "a list of certificates")
    return tuple(_certificate(one, f"{host}: {name}[{place}]") for place, one in enumerate(listed))


def _certificate(one: Any, where: str) -> SeenCertificate:
    if not isinstance(one, Mapping):
        odd(where, described(one), "facts of a certificate")
    read: dict[str, Any] = {key: read_as(str, one.get(key), f"{where}.{key}") for key in _TEXTS}
    read |= {key: read_as(str | None, one.get(key), f"{where}.{key}") for key in _IDENTIFIERS}
    read |= {key: _time(one.get(key), f"{where}.{key}") for key in ("not_before", "not_after")}
    return SeenCertificate(**read)


def _time(text: Any, where: str) -> datetime:
    try:
        return parse_utc(text)
    except (OrthancTlsError, TypeError):
        odd(where, described(text), "a time such as 2026-11-24T11:00:00Z")
