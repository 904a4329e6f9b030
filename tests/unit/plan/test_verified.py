# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A verification that found nothing wrong takes a few lines: how much was tried, and until when all is valid."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.verified import tables, verified_lines


def host(count: int, end: str | None = None, **variables: Any) -> dict[str, Any]:
    result = {"results": [{"ok": True}] * count, "table": "ok  its own certificate"}
    config = {"orthanc_config": {"DicomAlwaysAllowStore": False}}
    return {"verify_result": result, "identity_result": {"not_after": end}, **config, **variables}


def lines(hosts: dict[str, dict[str, Any]], *took_part: str) -> list[str]:
    fleet = Fleet(hosts, {"orthanc": [*hosts, "c"]})
    return verified_lines(list(hosts), hosts, fleet, took_part or list(hosts))


def test_all_probes_are_counted_and_the_first_end_is_named_with_its_node() -> None:
    hosts = {"a": host(9, "2027-03-01T00:00:00Z"), "b": host(8, "2027-02-01T00:00:00Z")}
    assert lines(hosts) == [
        "17 probes on 2 nodes: all as expected.",
        "The next certificate to expire: b, on 2027-02-01T00:00:00Z.",
    ]


def test_a_node_on_which_nothing_was_done_has_its_end_from_the_look() -> None:
    hosts = {"a": {**host(1), "identity_result": {}, "orthanc_plan": {"valid_until": "2027-01-01T00:00:00Z"}}}
    assert lines(hosts) == [
        "1 probe on 1 node: all as expected.",
        "The next certificate to expire: a, on 2027-01-01T00:00:00Z.",
    ]


def test_an_end_that_is_no_time_is_not_shown() -> None:
    assert lines({"a": host(1, "\x1b[2J")}) == ["1 probe on 1 node: all as expected."]


def test_pairs_that_were_not_tried_are_named() -> None:
    hosts = {"a": host(1, orthanc_peers=["b"]), "b": host(1)}
    assert lines(hosts, "a")[1] == "Not tried, as they take no part in this run: b"


def partner(required: bool, *results: object) -> dict[str, Any]:
    clinic = {"url": "https://clinic.test/", "required": required}
    return {
        **host(1, orthanc_external_peers={"clinic": clinic}),
        "verify_result": {"results": [{"name": "own", "ok": True}, *results]},
    }


SILENT = {"name": "peer clinic", "ok": False, "seen": "HTTP 500"}


def test_a_peer_that_need_not_answer_and_does_not_is_shown() -> None:
    assert lines({"a": partner(False, SILENT)}) == [
        "2 probes on 1 node: all that must be is as expected.",
        "a: its peer clinic did not answer, and is not required to: HTTP 500",
    ]
    assert lines({"a": partner(False, {**SILENT, "ok": True})}) == ["2 probes on 1 node: all as expected."]
    assert lines({"a": partner(True, SILENT)}) == ["2 probes on 1 node: all as expected."]


def test_what_a_node_says_of_a_silent_peer_is_escaped_and_what_is_odd_is_left_out() -> None:
    said = lines({"a": partner(False, "x", None, {**SILENT, "seen": "\x1b[2J\n"})})
    assert said[1] == r"a: its peer clinic did not answer, and is not required to: \x1b[2J\n"


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
    said = " ".join(lines({"a": host(1, orthanc_config=config), "b": host(1)}))
    assert ("The DICOM port answers everybody on a. DicomAlwaysAllowStore" in said) is open_to_all
    assert ("DicomAlwaysAllowStore: false" in said) is open_to_all


def test_a_fleet_whose_dicom_ports_all_answer_everybody_takes_no_list_of_them() -> None:
    said = " ".join(lines({"a": host(1, orthanc_config={}), "b": host(1, orthanc_config={})}))
    assert "The DICOM port answers everybody on every node." in said


def test_the_tables_are_there_for_whoever_wants_them() -> None:
    assert tables(["a", "b"], {"a": host(1), "b": {}}) == ["a:", "ok  its own certificate"]
