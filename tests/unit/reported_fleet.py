# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of C(report.yml) registers for hosts of a fleet, healthy or not, as the actions return it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.collect import Surroundings, report_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.ends import Horizon
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.model import FleetReport
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.validity import CA, LEAF, End

NOW = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)
CLOSED = {"orthanc_config": {"DicomAlwaysAllowStore": False}}
OWN = "its own certificate"
HEALTHY = (OWN, "no client certificate", "a client certificate of another CA", "an expired client certificate")
REFUSED = ("plain HTTP", "TLS 1.0", "TLS 1.1")
LEAF_END, CA_END = "2027-05-26T21:41:22Z", "2036-11-25T21:40:57Z"

Variables = dict[str, Any]


def row(host: str, name: str = OWN, **what: Any) -> Check:
    """Return a check that is as expected, unless it is said otherwise."""
    said = {"expected": "answered: HTTP 200", "seen": "HTTP 200", "ok": True, "asks": host}
    return Check(host, name, **{**said, **what})


def wrong(host: str, name: str = OWN, **what: Any) -> Check:
    """Return a check that is not as expected."""
    return row(host, name, **{"ok": False, "seen": "HTTP 500", "remedy": f"Run site.yml --limit {host}.", **what})


def leaf_end(not_after: str = LEAF_END, **what: Any) -> End:
    """Return the end of a node's certificate."""
    return End(LEAF, "CN=node", not_after, **{"renewed_by": "rotate.yml", "due": "2027-03-27T21:41:22Z", **what})


def plan(**what: Any) -> Variables:
    """Return what a look at a healthy node came to."""
    facts = {"subject": "CN=node", "issuer": "CN=CA", "serial": "1f", "not_after": LEAF_END}
    identity = {"held": None, "certificates": [facts], "client_trust": [], "server_trust": []}
    healthy: Variables = {
        "steps": [],
        "blockers": [],
        "identity": identity,
        "not_loaded": None,
        "orthanc_version": "1.12.7",
    }
    return {**healthy, **what}


def host(name: str, *peers: str, rows: tuple[Check, ...] = (), **what: Any) -> Variables:
    """Return the variables of a host after the run; C(rows) replace the healthy ones of their names."""
    healthy = [row(name, one) for one in HEALTHY] + [row(name, one, refusal=True, rests_on=(OWN,)) for one in REFUSED]
    healthy += [check for peer in peers for check in pair(name, peer)]
    named = {(check.host, check.name): check for check in [*healthy, *rows]}
    ends = what.pop("ends", (leaf_end(), End(CA, "CN=CA", CA_END, "rollover.yml", due="2033-07-26T00:00:00Z")))
    verified = what.pop("verify_result", None) or {
        "checks": [check.to_arguments() for check in named.values()],
        "ends": [end.to_arguments() for end in ends],
    }
    looked = what.pop("orthanc_plan", None) or plan()
    return {**CLOSED, "orthanc_peers": [*peers], "orthanc_plan": looked, "verify_result": verified, **what}


def pair(name: str, peer: str) -> list[Check]:
    """Return what a host sees of a peer that is well."""
    return [
        row(name, f"{peer} by name", asks=peer, tls_version="TLS 1.3"),
        row(name, f"peer {peer}", asks=peer, relayed=True, rests_on=(f"{peer} by name", OWN)),
        row(name, f"DICOMweb server {peer}", asks=peer, relayed=True, rests_on=(f"peer {peer}", OWN)),
    ]


def unreachable(name: str, *peers: str) -> Variables:
    """Return the variables of a host that Ansible does not reach."""
    said = {"unreachable": True, "msg": "Failed to connect to the host via ssh: no route to host"}
    return {**CLOSED, "orthanc_peers": [*peers], "orthanc_plan": said, "verify_result": {"skipped": True}}


def silent(name: str, peer: str) -> tuple[Check, ...]:
    """Return what a host sees of a peer that is down."""
    return tuple(
        wrong(
            name, check.name, asks=peer, relayed=check.relayed, rests_on=check.rests_on, error="timeout", seen="timeout"
        )
        for check in pair(name, peer)
    )


def report(
    hosts: dict[str, Variables],
    around: Surroundings | None = None,
    *,
    run: list[str] | None = None,
    days: int = 30,
) -> FleetReport:
    """Return the report on these hosts."""
    fleet = Fleet(hosts, {"orthanc": [*hosts]})
    return report_of(fleet, run or [*hosts], hosts, around or Surroundings(), Horizon(NOW, days))


def star(edges: int, archives: int = 1) -> dict[str, Variables]:
    """Return a healthy fleet of archives and edges, which call each other."""
    hubs = [f"archive{number}" for number in range(archives)]
    names = [f"edge{number}" for number in range(edges)]
    return {hub: host(hub, *names) for hub in hubs} | {name: host(name, *hubs) for name in names}
