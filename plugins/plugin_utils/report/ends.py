# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that expires, in the order in which it does, and what of it nobody renews in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc, utc_text
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.faults import HostResults
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.model import (
    DUE,
    ENDING,
    EXPIRED,
    VALID,
    ReportedEnd,
    ReportedFault,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.validity import CA, LEAF, SERVER

CLIENT = "client certificate"
_LONGEST = 300


@dataclass(frozen=True)
class Horizon:
    """The instant of a report, and how many days ahead it looks."""

    now: datetime
    days: int

    def state(self, not_after: str, due: str | None) -> str:
        """Say how far something is from its end."""
        end = parse_utc(not_after)
        if end <= self.now:
            return EXPIRED
        if end - self.now <= timedelta(days=self.days):
            return ENDING
        return DUE if due is not None and parse_utc(due) <= self.now else VALID


def ends_of_nodes(results: Sequence[HostResults], horizon: Horizon) -> list[ReportedEnd]:
    """Return what ends on nodes; a CA that many nodes rely on is one of them."""
    found: dict[tuple[str, str, str], ReportedEnd] = {}
    for one in results:
        for end in one.ends:
            what, subject = str(end["what"]), plain(end["subject"], _LONGEST)
            holder = one.host if what in (LEAF, SERVER) else "fleet"
            state = horizon.state(end["not_after"], end.get("due"))
            entry = ReportedEnd(what, holder, subject, end["not_after"], end.get("due"), end["renewed_by"], state)
            found.setdefault((what, holder, f"{subject} {end['not_after']}"), entry)
    return list(found.values())


def ends_of_clients(clients: Iterable[Mapping[str, Any]], listed: Sequence[str], horizon: Horizon) -> list[ReportedEnd]:
    """Return when clients' certificates end; C(clients.yml) renews those that C(orthanc_clients) lists."""
    found = []
    for client in clients:
        name, end = str(client["name"]), str(client["not_after"])
        renewed = "clients.yml" if name in listed else None
        state = horizon.state(end, None)
        if renewed or state != EXPIRED:
            found.append(ReportedEnd(CLIENT, plain(name, _LONGEST), plain(name, _LONGEST), end, None, renewed, state))
    return found


def ends_of_authorities(authorities: Iterable[Mapping[str, Any]], horizon: Horizon) -> list[ReportedEnd]:
    """Return when the CAs of the folder end that are still trusted."""
    found = []
    for ca in authorities:
        if ca["state"] != "retired":
            end, subject = str(ca["not_after"]), plain(ca["subject"], _LONGEST)
            found.append(ReportedEnd(CA, "fleet", subject, end, None, "rollover.yml", horizon.state(end, None)))
    return found


def in_order(ends: Iterable[ReportedEnd]) -> list[ReportedEnd]:
    """Return each once, the first to end first; one that says when its renewal is due stands for one that does not."""
    found: dict[tuple[str, str, str, str], ReportedEnd] = {}
    for end in ends:
        key = (end.what, end.holder, end.subject, end.not_after)
        if key not in found or found[key].renewal_due is None:
            found[key] = end
    return sorted(found.values(), key=lambda end: (end.not_after, end.holder, end.what))


def unrenewed(ends: Sequence[ReportedEnd], told: Sequence[str]) -> Iterator[ReportedFault]:
    """Yield what ends soon and nobody renews by a timer. C(told) are hosts whose end is a fault already."""
    for end in ends:
        if end.state not in (ENDING, EXPIRED) or (end.holder in told and end.what == LEAF):
            continue
        seen = f"{'expired' if end.state == EXPIRED else 'valid until'} {end.not_after}"
        if end.what == CLIENT and end.renewed_by:
            yield _fault(end, seen, "Run clients.yml, and hand out the new files.")
        elif end.what == LEAF and end.renewed_by is None:
            yield _fault(end, seen, f"Run rollback.yml --limit {end.holder} -e rollback_release=true.")
        elif end.what == SERVER:
            words = "Put the next one where orthanc_server_certificate says, and run site.yml"
            yield _fault(end, seen, f"{words} --limit {end.holder}.")
        elif end.what == CA:
            yield _fault(end, seen, "Run rollover.yml, which replaces the CA.")


def _fault(end: ReportedEnd, seen: str, remedy: str) -> ReportedFault:
    hosts = (end.holder,) if end.what in (LEAF, SERVER) else ()
    name = end.what if hosts else f"{end.what} {end.subject}"
    return ReportedFault(hosts, f"end of {name}", "renewed in time", seen, remedy)


def expired_hosts(results: Sequence[HostResults], now: datetime) -> list[str]:
    """Return the hosts whose own certificate has expired."""
    return [
        one.host
        for one in results
        if any(end["what"] == LEAF and end["not_after"] <= utc_text(now) for end in one.ends)
    ]
