# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report from what a run has registered: pure, and in the order of the inventory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.dicom_access import answers_everybody
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import value_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan import rollover
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover_run import looked_at
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover_shown import situation
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.defects import defects_by_host, defects_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.ends import (
    Horizon,
    ends_of_authorities,
    ends_of_clients,
    ends_of_nodes,
    expired_hosts,
    in_order,
    unrenewed,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.faults import HostResults, faults_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.links import links_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.model import (
    ATTENTION,
    BLOCKED,
    OK,
    OUTSIDE,
    UNREACHABLE,
    FleetReport,
    ReportedCertificate,
    ReportedHold,
    ReportedLink,
    ReportedNode,
    ReportedRollover,
)

_LONGEST = 300
_PLAN, _VERIFIED = "orthanc_plan", "verify_result"


@dataclass(frozen=True)
class Surroundings:
    """What else a report needs: what the CA folder says (C(authority_info)), and who is in C(orthanc_clients)."""

    authorities: Sequence[Mapping[str, Any]] = ()
    clients: Sequence[Mapping[str, Any]] = ()
    listed_clients: Sequence[str] = ()
    faults: Sequence[str] = field(default=())


def report_of(
    fleet: Fleet,
    run: Sequence[str],
    hostvars: Mapping[str, Mapping[str, Any]],
    around: Surroundings,
    horizon: Horizon,
) -> FleetReport:
    """Return the report; C(run) are the hosts that were to take part."""
    results = [HostResults(host, hostvars[host].get(_PLAN), hostvars[host].get(_VERIFIED)) for host in run]
    expired = expired_hosts(results, horizon.now)
    ends = in_order(
        [
            *ends_of_nodes(results, horizon),
            *ends_of_authorities(around.authorities, horizon),
            *ends_of_clients(around.clients, around.listed_clients, horizon),
        ]
    )
    faults = faults_of(results, expired)
    told = [host for fault in faults if fault.what.startswith("end of ") for host in fault.hosts]
    named = {fault.what for fault in faults}
    faults += [fault for fault in unrenewed(ends, told) if fault.what not in named or fault.hosts]
    wrong = {host for fault in faults for host in fault.hosts}
    by_host = {one.host: one for one in results}
    listed = {host: fleet.node(host) for host in fleet.hosts}
    nodes = tuple(_node(fleet, node, by_host.get(host), wrong=host in wrong) for host, node in listed.items())
    links = links_of(fleet, listed, {one.host: one.checks for one in results})
    return FleetReport(
        made_at=utc_text(horizon.now),
        days=horizon.days,
        nodes=nodes,
        faults=tuple(faults),
        notices=tuple(_notices(nodes, links, around)),
        links=tuple(links),
        ends=tuple(ends),
        rollover=_rollover(fleet, by_host, around),
        defects=defects_by_host({node.host: node.orthanc_version for node in nodes}),
    )


def _node(fleet: Fleet, node: Node, seen: HostResults | None, *, wrong: bool) -> ReportedNode:
    host = node.host
    known: dict[str, Any] = {
        "host": host,
        "url": node.url,
        "tls_mode": node.tls_mode,
        "client_auth": node.client_auth,
        "issuer": node.issuer.name,
        "dicom_open": answers_everybody(value_of(fleet.variables(host), "orthanc_config")),
    }
    if seen is None:
        return ReportedNode(state=OUTSIDE, reason="outside --limit", **known)
    if seen.is_unreachable:
        return ReportedNode(state=UNREACHABLE, reason="cannot be reached", **known)
    identity, blockers = seen.planned("identity") or {}, seen.planned("blockers") or ()
    version = seen.planned("orthanc_version")
    checks = seen.checks
    return ReportedNode(
        state=BLOCKED if blockers else ATTENTION if wrong else OK,
        reason=seen.look_fault or seen.verify_fault or "",
        orthanc_version=plain(version, 40) if version else None,
        certificate=_certificate(identity, node.identity_path),
        serves_what_it_holds=None if not identity else not seen.planned("not_loaded"),
        held=_hold(identity),
        checks=len(checks),
        failed=sum(row.fails for row in checks),
        defects=defects_of(version),
        blockers=tuple(plain(blocker, _LONGEST) for blocker in blockers),
        to_do=tuple(plain(f"{step['what']}: {step['why']}", _LONGEST) for step in seen.planned("steps") or ()),
        **known,
    )


def _certificate(identity: Mapping[str, Any], path: str) -> ReportedCertificate | None:
    for facts in identity.get("certificates") or ():
        found = {name: plain(facts.get(name) or "", _LONGEST) for name in ("subject", "issuer", "serial", "not_after")}
        return ReportedCertificate(**found, path=f"{path}/current/cert.pem")
    return None


def _hold(identity: Mapping[str, Any]) -> ReportedHold | None:
    held = identity.get("held")
    return ReportedHold(plain(held["since"], _LONGEST), plain(held["why"], _LONGEST)) if held else None


def _notices(nodes: Sequence[ReportedNode], links: Sequence[ReportedLink], around: Surroundings) -> Iterator[str]:
    yield from around.faults
    for node in nodes:
        if node.held:
            yield (
                f"{node.host} is held at its certificate since {node.held.since}: {node.held.why}. "
                f"rollback.yml --limit {node.host} -e rollback_release=true releases it."
            )
    if due := [node.host for node in nodes if node.to_do]:
        yield f"site.yml would change something on {_some(due)}. site.yml --check shows what."
    if plaintext := [f"{link.source} to {link.target}" for link in links if not link.encrypted]:
        yield f"The inventory has calls without encryption: {_some(plaintext)}."
    if outside := [node.host for node in nodes if node.state == OUTSIDE]:
        yield f"Not looked at, as outside --limit: {_some(outside)}."
    if everybody := [node.host for node in nodes if node.dicom_open]:
        on = "every node" if len(everybody) == len(nodes) > 1 else _some(everybody)
        yield (
            f"The DICOM port answers everybody on {on}. DicomAlwaysAllowStore: false and DicomCheckModalityHost: true "
            "in orthanc_config close it."
        )


def _some(names: Sequence[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _rollover(fleet: Fleet, results: Mapping[str, HostResults], around: Surroundings) -> ReportedRollover | None:
    if not around.authorities:
        return None
    seen = {host: dict(one.plan) for host, one in results.items() if one.plan is not None and one.look_fault is None}
    try:
        where = rollover.plan(around.authorities, around.clients, looked_at(fleet, seen, ()))
    except OrthancTlsError as error:
        return ReportedRollover(rollover.NONE, "", fault=plain(error))
    waits = {} if where.phase == rollover.NONE else {name: plain(why, _LONGEST) for name, why in where.blockers.items()}
    return ReportedRollover(where.phase, situation(where, around.authorities, [], {})[0], waits)


def now_and(days: int, now: datetime) -> Horizon:
    """Return the horizon of a report."""
    if days < 0:
        raise OrthancTlsError(f"report_days is {days}; expected 0 or more.")
    return Horizon(now, days)
