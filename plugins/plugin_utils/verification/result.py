# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a verification of one node: every row, and when what it relies on ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.awaited import waiting
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.checks import checks_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.known_authorities import (
    BUNDLES,
    KnownAuthorities,
    bundle_checks,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.request import VerificationRequest
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.seen import (
    SeenFacts,
    SeenVerification,
    certificates_of,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.validity import (
    SeenIdentityCertificates,
    ends_of,
    validity_checks,
)

_QUIET = {"changed": False, "_ansible_verbose_override": True}
"""With C(-v), C(show_verified) prints all of it as a table; nobody wants to read it as one line before."""


def calls_result(host: str, request: VerificationRequest, seen: SeenVerification) -> dict[str, Any]:
    """Return what a node's calls of others have shown."""
    rows = checks_of(host, request.expectations, request.peers, seen)
    return {**_QUIET, "host": host, "checks": [row.to_arguments() for row in rows], "ends": []}


def whole_result(
    host: str,
    request: VerificationRequest,
    seen: SeenVerification,
    known: KnownAuthorities | None,
    renew_before: timedelta | None,
    now: datetime,
) -> dict[str, Any]:
    """Return all rows of a node, and all ends; a CA folder that is not that of the node's CA is an error."""
    rows = checks_of(host, request.expectations, request.peers, seen)
    result: dict[str, Any] = {**_QUIET, "host": host, "ends": []}
    facts, waits = seen.identity.facts, _waits(seen)
    if facts is None and waits:
        return {**result, "checks": [], "waits": waits}
    if facts is None:
        rows.append(_unreadable(host, "identity", seen.identity))
        return {**result, "checks": [row.to_arguments() for row in rows]}
    if known:
        known.refuse_stranger(host, facts)
    bundles = {name: certificates_of(host, facts, name) for name in BUNDLES}
    rows += bundle_checks(host, bundles, known.retired if known else {})
    served = seen.certificate
    if served is not None and served.facts is None:
        rows.append(_unreadable(host, "server certificate of another issuer", served))
    certificates = SeenIdentityCertificates(
        certificates_of(host, facts, "certificates"),
        bundles["client_trust"],
        bundles["server_trust"],
        held=_is_held(facts),
        waits=waits,
        served=certificates_of(host, served.facts, "certificates") if served and served.facts else (),
    )
    ends = ends_of(host, certificates, renew_before, now)
    rows += validity_checks(host, ends)
    return {
        **result,
        "checks": [row.to_arguments() for row in rows],
        "ends": [end.to_arguments() for end in ends],
        "identity": dict(facts),
    }


def _is_held(facts: Mapping[str, Any]) -> bool:
    return facts.get("held") is not None


def _waits(seen: SeenVerification) -> str:
    return waiting(seen.pending.since, seen.pending.waits_for) if seen.pending else ""


def _unreadable(host: str, name: str, seen: SeenFacts) -> Check:
    remedy = f"Run site.yml --limit {host}: its plan says what is missing on the node."
    return Check(host, name, "certificates that can be read", str(seen.fault), False, host, remedy=remedy)
