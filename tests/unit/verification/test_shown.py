# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A verification is shown on a page: causes with what to do, the rest counted, and until when things are valid."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.filter.fleet import callers_outside
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.done import done_lines
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.shown import Verified

CLOSED = {"orthanc_config": {"DicomAlwaysAllowStore": False}}
OWN = "its own certificate"


def check(host: str, name: str = OWN, **what: Any) -> dict[str, Any]:
    said = {"expected": "answered: HTTP 200", "seen": "HTTP 200", "ok": True, "asks": host}
    return Check(host, name, **{**said, **what}).to_arguments()


def wrong(host: str, name: str = OWN, **what: Any) -> dict[str, Any]:
    return check(host, name, **{"ok": False, "seen": "HTTP 500", "remedy": f"Run site.yml --limit {host}.", **what})


def end(what: str, not_after: str) -> dict[str, Any]:
    return {"what": what, "subject": "CN=CA", "not_after": not_after, "renewed_by": None, "fault": None, "remedy": ""}


def host(*checks: dict[str, Any], ends: tuple[dict[str, Any], ...] = (), **variables: Any) -> dict[str, Any]:
    return {"verify_result": {"checks": [*checks], "ends": [*ends]}, **CLOSED, **variables}


def shown(
    hosts: dict[str, dict[str, Any]], *peers: str, left: tuple[str, ...] = (), group: tuple[str, ...] = ()
) -> tuple[list[str], dict[str, str]]:
    outside = [one for values in hosts.values() for one in values.get("__verify_callers", {}).get("results", ())]
    verified = Verified.of([*hosts], peers or [*hosts], hosts, outside)
    others: dict[str, dict[str, Any]] = {name: {} for name in group}
    return verified.lines(Fleet({**others, **hosts}, {"orthanc": [*hosts, *others]}), [], left)


def test_where_all_is_as_expected_rows_are_counted_and_the_first_end_of_a_ca_is_named() -> None:
    hosts = {
        "a": host(
            check("a"),
            check("a", "TLS 1.1"),
            ends=(end("certificate", "2027-03-01T00:00:00Z"), end("CA", "2036-01-01T00:00:00Z")),
        ),
        "b": host(check("b"), ends=(end("certificate", "2027-02-01T00:00:00Z"),)),
    }
    assert shown(hosts) == (
        [
            "3 checks on 2 nodes: all as expected.",
            "The CA 'CA' is valid until 2036-01-01T00:00:00Z.",
        ],
        {},
    )


def test_a_cause_is_shown_in_full_with_what_follows_and_fails_its_own_host_alone() -> None:
    hosts = {
        "a": host(wrong("a"), wrong("a", "as images.test", rests_on=(OWN,)), check("a", "TLS 1.1")),
        "b": host(wrong("b", "a by name", asks="a"), check("b")),
    }
    assert shown(hosts) == (
        [
            "a: its own certificate",
            "  expected: answered: HTTP 200",
            "  seen: HTTP 500",
            "  what to do: Run site.yml --limit a.",
            "  follows: 1 on a, 1 on b",
            "",
            "3 of 5 checks on 2 nodes are not as expected, on 2 nodes, from 1 cause.",
        ],
        {"a": "a: 2 of 3 checks not as expected. its own certificate: HTTP 500."},
    )


def test_one_fault_of_many_nodes_is_one_entry_with_one_command_and_fails_each_of_them() -> None:
    hosts = {name: host(wrong(name, "TLS 1.1", seen="HTTP 200")) for name in "abc"}
    lines, failures = shown(hosts)
    assert lines[0] == "a, b, c: TLS 1.1" and "  what to do: Run site.yml --limit a,b,c." in lines
    assert failures.keys() == {"a", "b", "c"}


def test_a_hundred_nodes_with_a_stopped_hub_fit_on_a_page_of_80_columns() -> None:
    hosts = {"hub": host(wrong("hub"), *(wrong("hub", f"TLS {n}", refusal=True, rests_on=(OWN,)) for n in range(9)))}
    hosts |= {f"edge{n}": host(wrong(f"edge{n}", "hub by name", asks="hub"), check(f"edge{n}")) for n in range(99)}
    lines, failures = shown(hosts)
    assert len(lines) < 12 and max(map(len, lines)) <= 80 and [*failures] == ["hub"]


def test_orthanc_s_words_are_shown_and_text_of_a_node_commands_no_terminal() -> None:
    lines, failures = shown({"a": host(wrong("a", "peer b", seen="HTTP 500\x1b[2J", words=("SSL peer\n",)))})
    assert "  Orthanc says: SSL peer\\n" in lines
    assert "\x1b" not in "".join([*lines, *failures.values()])


def test_a_peer_that_need_not_answer_and_does_not_is_shown_and_fails_nothing() -> None:
    silent = wrong("a", "peer clinic", asks=None, required=False, seen="HTTP 500\x1b[2J")
    assert shown({"a": host(check("a"), silent)}) == (
        [
            "2 checks on 1 node: everything required is as expected.",
            r"a: its peer clinic did not answer, and is not required to: HTTP 500\x1b[2J",
        ],
        {},
    )


def test_pairs_and_hosts_that_were_not_tried_are_named() -> None:
    lines, _failures = shown({"a": host(check("a"), orthanc_peers=["b"])}, "a", left=("c",), group=("b", "c"))
    assert lines[1:] == [
        "Not tried, as they take no part in this run: b",
        "Not verified, as unreachable or failed above: c",
    ]


def outside(caller: str, *checks: dict[str, Any]) -> dict[str, Any]:
    return {"item": caller, "checks": [*checks], "ends": []}


def stale(caller: str) -> dict[str, Any]:
    return wrong(caller, "URL of peer a", asks="a", expected="https://a:8443/", seen="https://a/")


def test_after_a_url_has_changed_the_callers_outside_the_run_are_named_and_fail_nothing() -> None:
    hosts = {"a": host(check("a"), __verify_callers={"results": [outside("b", stale("b")), outside("c", stale("c"))]})}
    lines, failures = shown(hosts, "a", group=("b", "c"))
    assert "b, c still have another URL of a: run site.yml --limit b,c." in lines
    assert lines[0] == "1 check on 1 node: all as expected." and failures == {}


def test_where_the_pairs_of_callers_count_theirs_fail_the_host_that_they_call() -> None:
    called = outside("b", wrong("b", "peer a", asks="a", relayed=True), check("b"))
    lines, failures = shown({"a": host(check("a"), __verify_callers={"results": [called]})}, "a", "b", group=("b",))
    assert lines[0] == "b: peer a"
    assert failures == {"a": "b: 1 of 2 checks not as expected. peer a: HTTP 500."}


def test_a_caller_that_was_not_reached_is_named() -> None:
    hosts = {"a": host(check("a"), __verify_callers={"results": [{"item": "b", "unreachable": True}]})}
    assert "Not tried, as unreachable: the calls of b" in shown(hosts, "a", "b", group=("b",))[0]


def test_whatever_fails_a_host_of_the_run_fails() -> None:
    called = outside("b", wrong("b"))
    _lines, failures = shown({"a": host(check("a"), __verify_callers={"results": [called]})}, "a", "b", group=("b",))
    assert [*failures] == ["a"]


def test_each_caller_outside_the_run_is_asked_once() -> None:
    hosts: dict[str, dict[str, Any]] = {"a": {}, "b": {}, "c": {"orthanc_peers": ["a", "b"]}, "d": {}}
    groups = {"orthanc": [*hosts]}
    assert callers_outside(["a", "b"], hosts, groups) == ["c"]
    assert callers_outside([*hosts], hosts, groups) == []


@pytest.mark.parametrize(
    ("config", "open_to_all"),
    [
        ({}, True),
        ({"DicomAlwaysAllowStore": False}, False),
        ({"DicomAlwaysAllowStore": False, "DicomAlwaysAllowFind": True}, True),
        ({"DicomServerEnabled": False}, False),
        ({"DicomTlsEnabled": True}, False),
        ({"DicomTlsEnabled": True, "DicomTlsRemoteCertificateRequired": False}, True),
    ],
)
def test_a_dicom_port_that_answers_everybody_is_named_with_what_closes_it(
    config: dict[str, Any], open_to_all: bool
) -> None:
    said = " ".join(shown({"a": host(check("a"), orthanc_config=config), "b": host(check("b"))})[0])
    assert ("The DICOM port answers everybody on a. DicomAlwaysAllowStore" in said) is open_to_all


def test_a_fleet_whose_dicom_ports_all_answer_everybody_takes_no_list_of_them() -> None:
    said = " ".join(shown({name: host(check(name), orthanc_config={}) for name in "ab"})[0])
    assert "The DICOM port answers everybody on every node." in said


def test_the_tables_have_every_row_for_those_who_want_them() -> None:
    hosts = {"a": host(check("a"), wrong("a", "TLS 1.1"))}
    tables = Verified.of(["a"], ["a"], hosts).tables()
    assert tables[0] == "a:" and [line.split()[0] for line in tables[2:]] == ["ok", "NO"]


def test_what_the_run_has_done_before_is_named() -> None:
    hosts: dict[str, dict[str, Any]] = {
        "a": {"orthanc_plan": {"steps": ["x"]}, "identity_result": {"renewed": True}},
        "b": {"orthanc_plan": {"steps": []}},
    }
    assert done_lines(["a", "b"], hosts) == ["Done as planned: a.", "New certificates: a."]


def test_a_node_without_its_first_certificate_fails_nobody_and_is_named() -> None:
    waits = "on order since 2026-11-27T10:00:00Z and not there yet (a colleague)"
    waiting = {"verify_result": {"checks": [], "ends": [], "waits": waits}, **CLOSED}
    later = {**end("certificate", "2027-02-01T00:00:00Z"), "waits": waits}
    hosts = {"a": host(check("a"), wrong("a", "b by name", asks="b"), ends=(later,)), "b": waiting}
    lines, failures = shown(hosts)
    assert failures == {}
    told = " ".join(lines)
    assert f"Not tried, as b has no certificate: one is {waits}." in told
    assert f"The next certificate of a is {waits}. Its end: 2027-02-01T00:00:00Z." in told
