# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report says what is wrong once, with what to do, and nothing else; a healthy fleet is well."""

from __future__ import annotations

import pytest
from reported_fleet import (
    CA_END,
    OWN,
    host,
    leaf_end,
    plan,
    report,
    row,
    silent,
    star,
    unreachable,
    wrong,
)

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.collect import Surroundings, now_and
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.model import FleetReport
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.validity import CA, End

LATE = "valid until 2026-11-20T00:00:00Z; a renewal has been due since 2026-09-20T00:00:00Z"
ACTIVE = {
    **{"generation": "2026", "state": "active", "subject": "CN=CA", "common_name": "CA", "not_after": CA_END},
    **{"fingerprint_sha256": "aa", "expired": False, "ends_soon": False},
}


def client(not_after: str, *, name: str = "Dr. Weber", expired: bool = False) -> dict[str, object]:
    return {"name": name, "names": [], "serial": "1", "generation": "2026", "not_after": not_after, "expired": expired}


def said(found: FleetReport) -> list[tuple[tuple[str, ...], str]]:
    return [(fault.hosts, fault.what) for fault in found.faults]


def states(found: FleetReport) -> dict[str, str]:
    return {node.host: node.state for node in found.nodes}


def test_a_healthy_fleet_is_well_and_every_connection_works_over_https() -> None:
    found = report(star(2))
    assert found.well and found.sentence == "All is well: 33 checks on 3 nodes, all as expected."
    assert {(link.state, link.encrypted) for link in found.links} == {("works", True)}
    assert {link.over for link in found.links} == {"HTTPS (TLS 1.3), client certificate"}
    assert set(states(found).values()) == {"ok"} and found.notices == ()


def test_an_unreachable_node_is_one_fault_and_the_calls_of_it_follow() -> None:
    hosts = star(2)
    hosts["edge1"] = unreachable("edge1", "archive0")
    hosts["archive0"] = host("archive0", "edge0", "edge1", rows=silent("archive0", "edge1"))
    found = report(hosts)
    assert said(found) == [(("edge1",), "cannot be reached")] and found.faults[0].follows == 3
    assert "ssh: no route to host" in found.faults[0].seen and "edge1" in found.faults[0].remedy
    assert states(found) == {"archive0": "ok", "edge0": "ok", "edge1": "unreachable"}
    assert {(link.source, link.target): link.state for link in found.links} == {
        ("archive0", "edge0"): "works",
        ("archive0", "edge1"): "fails",
        ("edge0", "archive0"): "works",
        ("edge1", "archive0"): "untried",
    }


def test_an_expired_certificate_is_the_cause_of_all_else_that_fails_there() -> None:
    hosts = star(1)
    fault = wrong("edge0", "end of certificate", seen=LATE, remedy="Run rotate.yml --limit edge0.")
    hosts["edge0"] = host(
        "edge0",
        "archive0",
        rows=(fault, wrong("edge0", error="expired"), *silent("edge0", "archive0")),
        ends=(leaf_end("2026-11-20T00:00:00Z", fault="a renewal has been due"),),
    )
    hosts["archive0"] = host("archive0", "edge0", rows=silent("archive0", "edge0"))
    found = report(hosts)
    assert said(found) == [(("edge0",), "end of certificate")] and found.faults[0].follows == 7
    assert found.ends[0].holder == "edge0" and found.ends[0].state == "expired"


def test_a_node_of_another_ca_is_blocked_and_its_failed_verification_says_nothing_more() -> None:
    hosts = star(1)
    blocked = plan(blockers=["The certificate was issued by another CA. Correct orthanc_ca_dir."])
    hosts["edge0"] |= {"orthanc_plan": blocked, "verify_result": {"msg": "edge0: issued by 'CN=Other'"}}
    hosts["archive0"] = host("archive0", "edge0", rows=silent("archive0", "edge0"))
    found = report(hosts)
    assert said(found) == [(("edge0",), "blocked: a run leaves this node alone")]
    assert found.faults[0].seen.startswith("The certificate was issued by another CA") and found.faults[0].follows == 3
    assert states(found)["edge0"] == "blocked"


def test_a_stopped_front_end_is_one_fault_although_the_node_serves_nothing_that_it_holds() -> None:
    hosts = star(1)
    refused = {"error": "refused", "seen": "connection refused"}
    rows = (wrong("edge0", **refused), wrong("edge0", "plain HTTP", refusal=True, rests_on=("its own certificate",)))
    hosts["edge0"] = host("edge0", "archive0", rows=rows, orthanc_plan=plan(not_loaded="nothing answers on 443"))
    assert said(report(hosts)) == [(("edge0",), "its own certificate")]


def test_an_answer_to_plain_http_is_a_fault_of_its_own() -> None:
    hosts = star(1)
    rows = (wrong("edge0", "plain HTTP", refusal=True, rests_on=("its own certificate",), status=200),)
    hosts["edge0"] = host("edge0", "archive0", rows=rows)
    assert said(report(hosts)) == [(("edge0",), "plain HTTP")]


def test_a_server_of_plain_http_is_one_fault_and_that_it_shows_no_certificate_follows() -> None:
    hosts = star(1)
    no_tls = {"error": "wrong version number", "seen": "no TLS (wrong version number)"}
    rows = (
        wrong("edge0", **no_tls),
        wrong("edge0", "plain HTTP", refusal=True, rests_on=(OWN,), status=200, seen="HTTP 200"),
        wrong("edge0", "TLS 1.0", refusal=True, rests_on=(OWN,), **no_tls),
    )
    hosts["edge0"] = host("edge0", "archive0", rows=rows, orthanc_plan=plan(not_loaded="443 serves no certificate"))
    hosts["archive0"] = host("archive0", "edge0", rows=(wrong("archive0", "edge0 by name", asks="edge0", **no_tls),))
    found = report(hosts)
    assert said(found) == [(("edge0",), "plain HTTP")]
    assert (found.faults[0].seen, found.faults[0].follows) == ("HTTP 200", 3)


def test_nodes_that_are_blocked_by_the_same_are_one_fault() -> None:
    hosts = star(2)
    for name in ("edge0", "edge1"):
        hosts[name]["orthanc_plan"] = plan(blockers=["The disk is full. Make room."])
    hosts["archive0"]["orthanc_plan"] = plan(blockers=["Another program has port 443. Stop it."])
    assert [hosts for hosts, _what in said(report(hosts))] == [("archive0",), ("edge0", "edge1")]


def test_a_served_certificate_that_is_not_on_the_disk_is_a_fault() -> None:
    hosts = star(1)
    hosts["edge0"]["orthanc_plan"] = plan(not_loaded="443 serves 12ab, the disk has 34cd")
    found = report(hosts)
    assert said(found) == [(("edge0",), "served certificate")]
    assert {node.host: node.serves_what_it_holds for node in found.nodes} == {"archive0": True, "edge0": False}


def test_a_held_node_is_told_with_its_reason_and_is_no_fault_while_its_certificate_is_valid() -> None:
    hosts = star(1)
    held = {"generation": "g", "since": "2026-11-27T10:00:00Z", "why": "viewer"}
    hosts["edge0"]["orthanc_plan"] = plan(identity={**plan()["identity"], "held": held})
    found = report(hosts)
    assert found.well and "edge0 is held" in found.notices[0] and "viewer" in found.notices[0]


def test_a_held_node_whose_certificate_ends_within_the_days_is_a_fault() -> None:
    hosts = star(1)
    hosts["edge0"] = host("edge0", "archive0", ends=(leaf_end("2026-12-10T00:00:00Z", renewed_by=None, due=None),))
    found = report(hosts)
    assert said(found) == [(("edge0",), "end of certificate")] and "rollback_release" in found.faults[0].remedy
    assert report(hosts, days=3).well


def test_an_end_that_the_verification_calls_a_fault_is_told_once() -> None:
    hosts = star(1)
    rows = (
        wrong("edge0", "end of certificate", remedy="Release it."),
        wrong("edge0", "end of CA CN=CA", remedy="Run rollover.yml."),
    )
    ends = (
        leaf_end("2026-12-10T00:00:00Z", renewed_by=None, due=None),
        End(CA, "CN=CA", "2026-12-20T00:00:00Z", "rollover.yml", "too late", "Run rollover.yml."),
    )
    hosts["edge0"] = host("edge0", "archive0", rows=rows, ends=ends)
    assert said(report(hosts)) == [(("edge0",), "end of certificate"), (("edge0",), "end of CA CN=CA")]


def test_what_a_timer_renews_in_time_is_no_fault_although_it_ends_within_the_days() -> None:
    hosts = star(1)
    hosts["edge0"] = host("edge0", "archive0", ends=(leaf_end("2026-12-10T00:00:00Z", due="2026-12-01T00:00:00Z"),))
    assert report(hosts).well


@pytest.mark.parametrize(
    ("listed", "expected"),
    [(["Dr. Weber"], [((), "end of client certificate Dr. Weber")]), ([], [])],
    ids=["a client of the inventory", "one that has left"],
)
def test_a_client_is_a_fault_where_the_inventory_still_lists_it(listed: list[str], expected: list[object]) -> None:
    around = Surroundings([ACTIVE], [client("2026-12-10T00:00:00Z")], listed)
    found = report(star(1), around)
    assert said(found) == expected
    assert [end.holder for end in found.ends if end.what == "client certificate"] == ["Dr. Weber"]


def test_the_ca_of_the_folder_and_of_the_nodes_is_one_end_with_its_renewal() -> None:
    found = report(star(2), Surroundings([ACTIVE]))
    assert [(end.subject, end.renewal_due) for end in found.ends if end.what == "CA"] == [
        ("CN=CA", "2033-07-26T00:00:00Z")
    ]
    assert [end.not_after for end in found.ends] == sorted(end.not_after for end in found.ends)


def test_a_ca_that_ends_within_the_days_is_a_fault_with_the_playbook_that_replaces_it() -> None:
    ending = ACTIVE | {"not_after": "2026-12-20T00:00:00Z"}
    found = report(star(1), Surroundings([ending]))
    assert said(found) == [((), "end of CA CN=CA")] and "rollover.yml" in found.faults[0].remedy


def test_where_a_rollover_waits_it_says_for_whom() -> None:
    staged = ACTIVE | {"generation": "2027", "state": "staged", "subject": "CN=CA 2027", "fingerprint_sha256": "bb"}
    found = report(star(1), Surroundings([ACTIVE, staged])).rollover
    assert found is not None and found.phase == "trust" and set(found.waits_for) == {"archive0", "edge0"}


def test_hosts_outside_the_run_are_not_looked_at_and_no_fault() -> None:
    found = report(star(2), run=["archive0", "edge0"])
    assert found.well and states(found)["edge1"] == "outside"
    assert found.sentence == "All is well: 23 checks on 2 of 3 nodes, all as expected."


def test_a_node_that_cannot_be_looked_at_says_why() -> None:
    hosts = star(1)
    hosts["edge0"] |= {"orthanc_plan": {"msg": "edge0: odd answer"}, "verify_result": {"msg": "edge0: odd answer"}}
    found = report(hosts)
    assert said(found) == [(("edge0",), "cannot be looked at")] and found.faults[0].seen == "edge0: odd answer"


def test_a_call_without_tls_is_counted_and_told_and_no_password_is() -> None:
    hosts = star(1)
    peer = {"url": "http://user:hunter2@clinic.example.org/", "username": "u", "password": "s3cret"}
    rows = (row("edge0", "peer clinic", asks=None, relayed=True),)
    hosts["edge0"] = host("edge0", "archive0", rows=rows, orthanc_external_peers={"clinic": peer})
    found = report(hosts)
    outside = next(link for link in found.links if not link.inside)
    assert (outside.target, outside.over, outside.encrypted, outside.state) == ("clinic", "plain HTTP", False, "works")
    assert "edge0 to clinic" in found.notices[0]
    assert "hunter2" not in repr(found) and "s3cret" not in repr(found)


def test_an_open_dicom_port_and_pending_steps_are_told() -> None:
    hosts = star(1)
    hosts["edge0"] |= {"orthanc_config": {}}
    hosts["archive0"]["orthanc_plan"] = plan(steps=[{"what": "write orthanc.json", "why": "it differs"}])
    found = report(hosts)
    assert found.well
    assert "site.yml would change something on archive0" in found.notices[0]
    assert "The DICOM port answers everybody on edge0" in found.notices[1]


def test_days_below_zero_are_refused() -> None:
    with pytest.raises(OrthancTlsError, match=r"^report_days is -1"):
        now_and(-1, None)  # type: ignore[arg-type]
