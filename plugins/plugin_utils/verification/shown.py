# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is shown at the end of a verification, from what C(node_verify) returned for each host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.dicom_access import CLOSES_IT, answers_everybody
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.expectations import peer_url_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import peer_name
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import value_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.page import (
    some,
    tables,
    verified_lines,
    wrapped,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.validity import CA, LEAF, SERVER

HostVars = Mapping[str, Mapping[str, Any]]

RESULT = "verify_result"


@dataclass(frozen=True)
class Verified:
    """Rows and ends of the hosts of a run, and what hosts outside it have said of their calls.

    C(peers) are the hosts whose pairs count; others are asked only whether they know where a node is now. C(waiting)
    says of hosts without a certificate since when they wait for the first one: they serve nothing yet.
    """

    hosts: Sequence[str]
    peers: Sequence[str]
    rows: Sequence[Check]
    ends: Sequence[tuple[str, Mapping[str, Any]]]
    informed: Sequence[Check]
    unasked: Sequence[str]
    waiting: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, hosts: Sequence[str], peers: Sequence[str], hostvars: HostVars, outside: Sequence[Mapping[str, Any]] = ()
    ) -> Verified:
        """Collect what the tasks of a run have registered; C(outside) is what hosts outside it have answered."""
        results = {host: hostvars[host].get(RESULT) or {} for host in hosts}
        waiting = {host: str(found["waits"]) for host, found in results.items() if found.get("waits")}
        own = [row for host in hosts for row in _rows(results[host]) if row.asks not in waiting]
        called = [row for one in outside for row in _rows(one) if row.asks not in waiting]
        return cls(
            hosts,
            peers,
            own + [row for row in called if row.host in peers],
            [(host, end) for host in hosts for end in results[host].get("ends") or ()],
            [row for row in called if row.host not in peers],
            list(dict.fromkeys(str(one["item"]) for one in outside if "checks" not in one)),
            waiting,
        )

    def lines(self, fleet: Fleet, done: Sequence[str], left: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """Return what to show, and by host a sentence about its failures; C(left) are hosts that left the run."""
        about, failures = verified_lines(self.rows, self.hosts)
        shown = [*done, *about, *_left_out(self, fleet, left), *self._needing_a_run()]
        return [
            *shown,
            *_expired_untried(self.hosts, fleet),
            *_open_to_dicom(self.hosts, fleet),
            *_ends(self.ends),
            *_awaited(self),
        ], failures

    def leaf_ends(self) -> dict[str, str]:
        """Return until when the certificates of the hosts are valid."""
        return {host: str(end["not_after"]) for host, end in self.ends if end["what"] == LEAF}

    def tables(self) -> list[str]:
        """Return every row of every host."""
        return tables(self.rows)

    def _needing_a_run(self) -> list[str]:
        """Name the callers outside the run that call a host of it at another URL than the inventory says."""
        outside = [row for row in (*self.informed, *self.rows) if row.host not in self.hosts]
        stale = [row for row in outside if row.asks and row.name == peer_url_of(peer_name(row.asks)) and not row.ok]
        if not stale:
            return []
        callers, called = _names(row.host for row in stale), _names(str(row.asks) for row in stale)
        return wrapped(
            f"{some(callers)} still {'has' if len(callers) == 1 else 'have'} another URL of {some(called)}: "
            f"run site.yml --limit {','.join(callers)}."
        )


def _names(hosts: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(hosts))


def _rows(result: Mapping[str, Any]) -> list[Check]:
    return [Check.of(arguments) for arguments in result.get("checks") or ()]


def _left_out(verified: Verified, fleet: Fleet, left: Sequence[str]) -> Iterator[str]:
    peers = {peer for host in verified.hosts for peer in fleet.node(host).peers if peer not in verified.peers}
    if peers:
        yield from wrapped(f"Not tried, as they take no part in this run: {some(sorted(peers))}")
    if left:
        yield from wrapped(f"Not verified, as unreachable or failed above: {some(left)}")
    if asked := [host for host in verified.unasked if host in verified.peers]:
        yield from wrapped(f"Not tried, as unreachable: the calls of {some(asked)}")


def _expired_untried(hosts: Sequence[str], fleet: Fleet) -> Iterator[str]:
    """Yield what only the holder of the CA's key could try: an expired certificate of a CA that is not ours."""
    if found := [host for host in hosts if fleet.issuer(host).answers_later]:
        yield from wrapped(f"Not tried, as the CA's key is not here: an expired client certificate on {some(found)}.")


def _open_to_dicom(hosts: Sequence[str], fleet: Fleet) -> list[str]:
    """Return which nodes' DICOM ports are open, and what closes them."""
    found = [host for host in hosts if answers_everybody(value_of(fleet.variables(host), "orthanc_config"))]
    if not found:
        return []
    nodes = "every node" if len(found) == len(hosts) > 1 else some(found)
    return wrapped(f"The DICOM port answers everybody on {nodes}. {CLOSES_IT}")


def _awaited(verified: Verified) -> Iterator[str]:
    """Yield what is waited for, and until when there is a certificate."""
    for host, waits in verified.waiting.items():
        yield from wrapped(f"Not tried, as {host} has no certificate: one is {waits}.")
    for host, end in verified.ends:
        if end.get("waits"):
            yield from wrapped(f"The next certificate of {host} is {end['waits']}. Its end: {end['not_after']}.")


def _ends(ends: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    """Yield the first end of what the run that renews the nodes' certificates does not renew."""
    for kind in (SERVER, CA):
        of_kind = sorted(
            (str(end["not_after"]), host, str(end["subject"])) for host, end in ends if end["what"] == kind
        )
        if not of_kind:
            continue
        end, host, subject = of_kind[0]
        what = {
            SERVER: f"The next certificate of another issuer to expire, which no run renews: {host}, on {end}.",
            CA: f"The CA '{plain(subject.rpartition('CN=')[2])}' is valid until {end}.",
        }
        yield from wrapped(what[kind])
