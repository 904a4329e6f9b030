# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's answers become rows by what the inventory expects; a node cannot leave out what it does not want to show."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.checks import checks_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.request import (
    calls_request,
    whole_request,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.seen import SeenVerification

HOSTS: dict[str, dict[str, Any]] = {
    "a": {"orthanc_peers": ["b"]},
    "b": {"orthanc_peers": ["a"]},
    "c": {"orthanc_peers": ["a", "b"]},
}
GROUPS = {"orthanc": [*HOSTS]}
KNOWN = {"b": {"Url": "https://b/"}}


def fleet(**of_a: Any) -> Fleet:
    return Fleet({**HOSTS, "a": {**HOSTS["a"], **of_a}}, GROUPS)


def answer(probe: dict[str, Any], **what: Any) -> dict[str, Any]:
    name = f"{probe['name']} at 192.0.2.7" if probe.get("own_addresses") else probe["name"]
    said = {"name": name, "url": probe["url"], "expected": "answered: HTTP 200", "seen": "HTTP 200", "ok": True}
    rest = {"status": 200, "alert": None, "tls_version": None, "fingerprint_sha256": None, "error": None}
    return {
        **said,
        **rest,
        "control": probe.get("control"),
        **({"json": KNOWN} if probe.get("return_json") else {}),
        **what,
    }


def rows(
    changes: dict[str, dict[str, Any] | None], more: dict[str, Any] | None = None, **of_a: Any
) -> dict[str, Check]:
    request = whole_request(fleet(**of_a), "a", "/etc/orthanc/tls", None, ["a", "b"])
    probes = [one.probe for one in request.expectations]
    results = [
        answer(probe, **(changes.get(probe["name"]) or {}))
        for probe in probes
        if changes.get(probe["name"], {}) is not None
    ]
    seen: dict[str, Any] = {"answers": {"results": results, "faults": {}}, "words": {}, "link": None}
    seen |= {"identity": {"facts": None, "fault": "none"}, "certificate": None, **(more or {})}
    return {
        row.name: row for row in checks_of("a", request.expectations, request.peers, SeenVerification.read("a", seen))
    }


def test_every_expectation_is_a_row_and_an_own_address_is_one_of_its_own() -> None:
    found = rows({})
    assert {"its own certificate", "b by name", "peer b", "port 8042 at 192.0.2.7", "URL of peer b"} <= found.keys()
    assert all(row.ok and row.remedy == "" for row in found.values())
    assert (found["TLS 1.1"].refusal, found["TLS 1.1"].rests_on) == (True, ("its own certificate",))
    assert (found["peer b"].asks, found["peer b"].relayed) == ("b", True)


def test_an_expectation_without_an_answer_is_an_error_that_names_it() -> None:
    with pytest.raises(OrthancTlsError, match="a: answers: found no answer, expected one to 'plain HTTP'"):
        rows({"plain HTTP": None})


def test_a_probe_that_could_not_be_tried_is_a_row_that_fails() -> None:
    results: dict[str, Any] = {"answers": {"results": [], "faults": {}}}
    request = whole_request(fleet(), "a", "/etc/orthanc/tls", None, ["a", "b"])
    results["answers"]["faults"] = {one.probe["name"]: "server.pem is not there" for one in request.expectations}
    found = rows({}, results)
    assert {row.ok for row in found.values()} == {False}
    assert {row.seen for row in found.values()} == {"server.pem is not there"}


@pytest.mark.parametrize(
    ("known", "seen"),
    [
        ({"b": {"Url": "https://old.test:8443/"}}, "https://old.test:8443/"),
        ({}, "no such peer"),
        ({"b": 7}, "no such peer"),
    ],
)
def test_a_peer_that_orthanc_knows_at_another_url_needs_a_run(known: dict[str, Any], seen: str) -> None:
    row = rows({"peers as Orthanc knows them": {"json": known}})["URL of peer b"]
    assert (row.ok, row.expected, row.seen) == (False, "https://b/", seen)
    assert row.remedy.startswith("Run site.yml --limit a")


def test_a_peer_that_orthanc_config_defines_is_the_user_s() -> None:
    found = rows({}, orthanc_config={"OrthancPeers": {"b": ["https://elsewhere.test/"]}})
    assert "URL of peer b" not in found


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (
            ["SSL peer certificate or SSH remote key was not OK"],
            "Orthanc on a does not trust b: run site.yml --limit a.",
        ),
        (["Couldn't resolve host name"], "Correct DNS or /etc/hosts on a, or the URL of the peer."),
        ([], "Read /var/log/orthanc/Orthanc.log on a, and on b."),
    ],
)
def test_a_failed_peer_comes_with_orthanc_s_own_words_and_what_to_do(words: list[str], remedy: str) -> None:
    failed = {"ok": False, "status": 500, "seen": "HTTP 500"}
    row = rows({"peer b": failed}, {"words": {"peer b": words}})["peer b"]
    assert (row.words, row.remedy) == (tuple(words), remedy)


@pytest.mark.parametrize(
    ("words", "by_name", "remedy"),
    [
        ("Couldn't connect to server", False, "Check the route and the firewall from a to b."),
        ("Couldn't connect to server", True, "a itself reaches b, and Orthanc does not, as through a proxy. "),
        ("Failure when receiving data from the peer", True, "a itself reaches b, and Orthanc does not, as through"),
        ("Couldn't resolve proxy name", False, "Orthanc on a calls b through a proxy: name b in NO_PROXY"),
        ("SSL peer certificate or SSH remote key was not OK", True, "Orthanc on a does not trust b: run site.yml"),
    ],
    ids=[
        "nobody reaches it",
        "Orthanc does not",
        "a proxy that refuses",
        "a proxy that is named",
        "no matter of routes",
    ],
)
def test_a_peer_that_the_node_reaches_and_orthanc_does_not_is_behind_a_proxy(
    words: str, by_name: bool, remedy: str
) -> None:
    failed: dict[str, Any] = {"ok": False, "status": 500, "seen": "HTTP 500"}
    unreached: dict[str, Any] = {"ok": False, "status": None, "error": "timed out", "seen": "timed out"}
    changes: dict[str, dict[str, Any] | None] = {"peer b": failed, **({} if by_name else {"b by name": unreached})}
    row = rows(changes, {"words": {"peer b": [words]}})["peer b"]
    assert row.remedy.startswith(remedy)


@pytest.mark.parametrize(("ok", "there"), [(None, False), (True, True), (False, True)])
def test_a_link_is_a_row_where_there_was_one_to_follow(ok: bool | None, there: bool) -> None:
    found = rows({}, {"link": {"ok": ok, "seen": "HTTP 200"}})
    assert ("BulkDataURI" in found) is there


def test_links_are_followed_below_dicomweb_s_own_root_and_not_where_a_filter_decides() -> None:
    def asked(**config: Any) -> Any:
        request = whole_request(fleet(orthanc_config=config), "a", "/etc/orthanc/tls", None, [])
        return request.options.get("dicom_web")

    assert asked() == {"probe": "its own certificate", "root": "dicom-web/"}
    assert asked(DicomWeb={"Root": "/web"})["root"] == "web/"
    assert asked(DicomWeb={"Enable": False}) is asked(LuaScripts=["/srv/filter.lua"]) is None


def test_a_caller_outside_the_run_is_asked_for_its_calls_of_the_run_alone() -> None:
    request = calls_request(fleet(), "c", ["a"])
    names = [one.probe["name"] for one in request.expectations]
    assert names[:3] == ["its own certificate", "peers as Orthanc knows them", "a by name"]
    assert not [name for name in names if name.endswith(" b") or "TLS" in name]
    assert [peer.name for peer in request.peers] == ["a"]
    assert "certificate" not in request.options and "dicom_web" not in request.options


@pytest.mark.parametrize("seen", [{"failed": True, "msg": "no python\x1b[2J"}, {"answers": {"results": 1}}, {}])
def test_an_answer_that_is_none_is_an_error_about_that_node(seen: dict[str, Any]) -> None:
    with pytest.raises(OrthancTlsError, match=r"^a: ") as error:
        SeenVerification.read("a", seen)
    assert "\x1b" not in str(error.value)


def test_a_row_crosses_a_task_s_result_as_it_is() -> None:
    for row in rows({"peer b": {"ok": False, "status": 500}}, {"words": {"peer b": ["SSL"]}}).values():
        arguments = row.to_arguments()
        assert Check.of({**arguments, "rests_on": list(row.rests_on), "words": list(row.words)}) == row
