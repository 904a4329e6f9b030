# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong in a fleet: each fault once, with what to do, and what follows from it counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.expectations import OWN, PLAIN
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.model import ReportedFault
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.causes import Cause, causes
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.validity import LEAF

_END = f"end of {LEAF}"
_LONGEST = 500


@dataclass(frozen=True)
class HostResults:
    """What a run has registered for one host: the plan of its look, and its verification; C(None) where it did not."""

    host: str
    plan: Mapping[str, Any] | None
    verified: Mapping[str, Any] | None

    @property
    def is_unreachable(self) -> bool:
        """Whether nothing came of the look, nor of the verification."""
        return any(bool(one.get("unreachable")) for one in (self.plan, self.verified) if one is not None)

    @property
    def look_fault(self) -> str | None:
        """Why the node could not be looked at."""
        return _said(self.plan, "steps")

    @property
    def verify_fault(self) -> str | None:
        """Why the node could not be verified."""
        return _said(self.verified, "checks")

    @property
    def checks(self) -> list[Check]:
        """The rows of the verification."""
        return [Check.of(arguments) for arguments in (self.verified or {}).get("checks") or ()]

    @property
    def ends(self) -> Sequence[Mapping[str, Any]]:
        """What ends."""
        return (self.verified or {}).get("ends") or ()

    def planned(self, name: str) -> Any:
        """Return one value of the plan."""
        return (self.plan or {}).get(name)


def _said(result: Mapping[str, Any] | None, key: str) -> str | None:
    if result is not None and key in result:
        return None
    return plain((result or {}).get("msg") or "there is no answer", _LONGEST)


def faults_of(results: Sequence[HostResults], expired: Sequence[str]) -> list[ReportedFault]:
    """Return every fault; C(expired) are hosts whose own certificate has expired.

    An unreachable host, one that cannot be verified and an expired certificate are causes of what fails on that host
    and of calls to it.
    """
    rows = [row for one in results for row in one.checks]
    unreachable = {one.host: one for one in results if one.is_unreachable}
    folded = {*unreachable, *expired, *(one.host for one in results if one.verify_fault or one.look_fault)}
    follow: dict[str, int] = dict.fromkeys(folded, 0)
    left = []
    for row in rows:
        root = _folded(row, folded)
        if root is None:
            left.append(row)
        else:
            follow[root] += 1
    found = [_unreachable(one, follow[host]) for host, one in unreachable.items()]
    own = causes(left)
    failing = {row.host for cause in own for row in cause.rows}
    found += [_of_cause(cause, follow) for cause in _plain_first(own)]
    for one in results:
        of_host = [] if one.is_unreachable else [*_of_host(one, fails=one.host in failing)]
        if of_host and one.host not in expired:
            of_host[0] = replace(of_host[0], follows=follow.get(one.host, 0))
        found += of_host
    return _together(found)


def _plain_first(own: Sequence[Cause]) -> Iterator[Cause]:
    """What answers without TLS shows no certificate: that there is none follows from that."""
    plain_hosts, silent = ({_hosts(one): one for one in own if one.rows[0].name == name} for name in (PLAIN, OWN))
    for cause in own:
        hosts, name = _hosts(cause), cause.rows[0].name
        if name == PLAIN and hosts in silent:
            yield replace(cause, follow=(*cause.follow, *silent[hosts].rows, *silent[hosts].follow))
        elif name != OWN or hosts not in plain_hosts:
            yield cause


def _hosts(cause: Cause) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.host for row in cause.rows))


def _together(faults: Sequence[ReportedFault]) -> list[ReportedFault]:
    """Several hosts that say the same are one fault."""
    found: dict[tuple[str, ...], ReportedFault] = {}
    for fault in faults:
        key = (fault.what, fault.expected, fault.seen, fault.remedy)
        before = found.get(key)
        hosts = (*before.hosts, *fault.hosts) if before else fault.hosts
        follows = fault.follows + (before.follows if before else 0)
        found[key] = replace(fault, hosts=tuple(dict.fromkeys(hosts)), follows=follows)
    return list(found.values())


def _folded(row: Check, roots: set[str]) -> str | None:
    """Return the host that a failure follows from without further ado."""
    if not row.fails or (row.name == _END and row.host in roots):
        return None
    if row.host in roots:
        return row.host
    return row.asks if row.asks in roots and (not row.refusal or row.status is None) else None


def _unreachable(one: HostResults, follows: int) -> ReportedFault:
    said = _said({} if one.plan is None else {"msg": one.plan.get("msg")}, "")
    remedy = f"Check that {one.host} is up and reached over SSH: ansible -m ansible.builtin.ping {one.host}"
    return ReportedFault((one.host,), "cannot be reached", "an answer to Ansible", said or "", remedy, follows)


def _of_cause(cause: Cause, follow: Mapping[str, int]) -> ReportedFault:
    first, hosts = cause.rows[0], _hosts(cause)
    words = "; ".join(dict.fromkeys(word for row in cause.rows for word in row.words))
    seen = first.seen + (f" ({words})" if words and words not in first.seen else "")
    remedy = first.remedy.replace(f"--limit {first.host}", f"--limit {','.join(hosts)}")
    more = sum(follow.get(host, 0) for host in hosts) if first.name == _END else 0
    what, expected, seen, remedy = (plain(text, _LONGEST) for text in (first.name, first.expected, seen, remedy))
    return ReportedFault(hosts, what, expected, seen, remedy, len(cause.follow) + more)


def _of_host(one: HostResults, *, fails: bool) -> Iterator[ReportedFault]:
    """Yield what a look has shown, or that there was none. A blocked node says the cause better than its symptoms."""
    host, blockers = one.host, one.planned("blockers") or ()
    for blocker in blockers:
        yield ReportedFault(
            (host,), "blocked: a run leaves this node alone", "no blocker", plain(blocker, _LONGEST), ""
        )
    if one.look_fault is not None:
        remedy = f"Run site.yml --limit {host} --check, which shows the same error, and repair what it names."
        yield ReportedFault((host,), "cannot be looked at", "a look at the node", one.look_fault, remedy)
    elif one.verify_fault is not None and not blockers:
        remedy = f"Run verify.yml --limit {host}, which shows the same error, and repair what it names."
        yield ReportedFault((host,), "cannot be verified", "a verification", one.verify_fault, remedy)
    if one.planned("not_loaded") and not fails and not blockers:
        seen = plain(one.planned("not_loaded"), _LONGEST)
        remedy = f"Run site.yml --limit {host}, which has the service load it."
        yield ReportedFault((host,), "served certificate", "the certificate on its disk", seen, remedy)
