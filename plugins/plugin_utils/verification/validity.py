# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Until when the certificates of a node are valid, and which of them end before the next renewal could come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import BACKDATED
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.seen import SeenCertificate

BY_HAND = timedelta(days=7)
"""How long a person needs to renew what no run renews. A nightly run warns 30 days before (plan/unrenewed.py)."""

LEAF, CA, SERVER = "certificate", "CA", "server certificate of another issuer"


@dataclass(frozen=True)
class End:
    """When a certificate ends, what renews it (nothing: None), and why that does not come in time (in time: None).

    C(due) is when its renewal is due, C(None) where nothing renews it.
    """

    what: str
    subject: str
    not_after: str
    renewed_by: str | None
    fault: str | None = None
    remedy: str = ""
    due: str | None = None
    waits: str = ""

    def to_arguments(self) -> dict[str, Any]:
        """Return it as a task's result can carry it."""
        return asdict(self)


@dataclass(frozen=True)
class SeenIdentityCertificates:
    """The certificates of one node: leaf first, then its intermediates; what it trusts; what else it serves with.

    C(waits) says since when a new leaf is waited for, and what the issuer said; empty where none is.
    """

    chain: Sequence[SeenCertificate]
    client_trust: Sequence[SeenCertificate]
    server_trust: Sequence[SeenCertificate]
    held: bool
    waits: str = ""
    served: Sequence[SeenCertificate] = ()


def ends_of(host: str, seen: SeenIdentityCertificates, renew_before: timedelta | None, now: datetime) -> list[End]:
    """Return when what a node relies on ends: its leaf, the CAs that issued it, and another issuer's certificate."""
    found = [_leaf(host, seen, renew_before, now)] if seen.chain else []
    return [*found, *(_ca(ca, seen.chain[0], now) for ca in _issuers(seen)), *_served(host, seen, now)]


def validity_checks(host: str, ends: Sequence[End]) -> Iterator[Check]:
    """Yield a row for each end."""
    for end in ends:
        said = end.fault or end.waits
        seen = f"valid until {end.not_after}" + (f"; {said}" if said else "")
        expected = "renewed in time"
        name = end.what if end.what != CA else f"CA {end.subject}"
        yield Check(host, f"end of {name}", expected, seen, end.fault is None, host, remedy=end.remedy)


def _leaf(host: str, seen: SeenIdentityCertificates, renew_before: timedelta | None, now: datetime) -> End:
    leaf = seen.chain[0]
    lifetime = max(leaf.not_after - leaf.not_before - BACKDATED, timedelta(0))
    window = lifetime / 3 if renew_before is None or renew_before >= lifetime else renew_before
    late = leaf.not_after - now < window / 2
    due = utc_text(leaf.not_after - window)
    renewed_by = None if seen.held else "rotate.yml"
    if seen.waits:
        return _awaited(host, leaf, seen.waits, now)
    if not late:
        return End(LEAF, leaf.subject, utc_text(leaf.not_after), renewed_by, due=None if seen.held else due)
    if seen.held:
        fault, remedy = "held, so that no run renews it", f"Run rollback.yml --limit {host} -e rollback_release=true."
    else:
        fault = f"a renewal has been due since {due}"
        remedy = f"Run rotate.yml --limit {host}, and look why the timer of schedule.yml did not."
    return End(LEAF, leaf.subject, utc_text(leaf.not_after), renewed_by, fault, remedy, None if seen.held else due)


def _awaited(host: str, leaf: SeenCertificate, waits: str, now: datetime) -> End:
    """What another answers is no fault of the node's, until there is nothing valid any more."""
    end = utc_text(leaf.not_after)
    if leaf.not_after > now:
        return End(LEAF, leaf.subject, end, "its issuer", waits=waits)
    remedy = f"Have its issuer answer, and run rotate.yml --limit {host}."
    return End(LEAF, leaf.subject, end, "its issuer", f"expired, and the next one is {waits}", remedy)


def _issuers(seen: SeenIdentityCertificates) -> Iterator[SeenCertificate]:
    if not seen.chain or seen.chain[0].is_self_signed:
        return
    yield from seen.chain[1:]
    last, roots = seen.chain[-1], {one.fingerprint_sha256: one for one in (*seen.server_trust, *seen.client_trust)}
    for root in roots.values():
        key = last.authority_key_identifier
        if root.subject == last.issuer and key in (None, root.subject_key_identifier):
            yield root


def _ca(ca: SeenCertificate, leaf: SeenCertificate, now: datetime) -> End:
    """A CA issues nothing that outlives it, so that it must be replaced before its last leaf is due."""
    end, life = utc_text(ca.not_after), ca.not_after - ca.not_before
    due = utc_text(ca.not_after - life / 3)
    if ca.not_after > leaf.not_after or (ca.not_after - now) * 3 >= life:
        return End(CA, ca.subject, end, "rollover.yml", due=due)
    fault = "no certificate that it issues is valid for longer"
    return End(CA, ca.subject, end, "rollover.yml", fault, "Run rollover.yml, which replaces the CA.", due)


def _served(host: str, seen: SeenIdentityCertificates, now: datetime) -> Iterator[End]:
    if not seen.served:
        return
    leaf = seen.served[0]
    end = utc_text(leaf.not_after)
    if leaf.not_after - now >= BY_HAND:
        yield End(SERVER, leaf.subject, end, None)
        return
    remedy = f"Put the next one where orthanc_server_certificate says, and run site.yml --limit {host}."
    yield End(SERVER, leaf.subject, end, None, "no run renews it", remedy)
