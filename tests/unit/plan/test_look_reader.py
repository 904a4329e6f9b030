# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node says is read whole, by type and by what was asked, or is an error that names the node."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from looked_at_node import UNIT, UNITS, LookedAt
from seen_node import ASKED, HOST, answer, faulted, healthy, looked
from tls_servers import answering, serving

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import ManagedFile
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import facts as nginx
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers import reader
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.reader import check_size
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import (
    NodeLook,
    SeenServerCertificate,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.seen_enrolment import SeenEnrolment

SECTIONS = sorted(healthy().keys() - {"changed"})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers().map(lambda number: number * 2**20000),
    st.floats(),
    st.text(st.characters()),
    st.sampled_from(["orthanc", "missing", "/etc/orthanc/orthanc.json"]),
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)


def read(found: dict[str, Any], **asked: Any) -> NodeLook:
    return NodeLook.read(HOST, found, {**ASKED, **asked})


def refused(found: dict[str, Any], **asked: Any) -> str:
    with pytest.raises(OrthancTlsError) as error:
        read(found, **asked)
    text = str(error.value)
    assert text.startswith(f"{HOST}: ") and text.isprintable() and len(text) < 2000
    return text


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return where something can be replaced in an answer."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(place for key, item in inner for place in places(item, (*path, key)))]


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    found = answer()
    holder: Any = found
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return found


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LookedAt:
    return LookedAt(tmp_path, monkeypatch)


def test_what_the_module_answers_is_read(node: LookedAt) -> None:
    node.programs.answer("systemctl", UNITS)
    options = node.options(units=[UNIT], civetweb_shim=str(node.folder / "shim"))
    seen = json.loads(json.dumps(node.look(**options)))
    look = NodeLook.read(HOST, {**seen, "invocation": {}, "warnings": []}, options)
    assert look.faults == {} and look.host == HOST
    assert look.packages["orthanc"].version == "1.12.7+dfsg-4" and look.units[UNIT].main_pid == 7
    assert look.files[str(node.recorded.config)].kind == "file" and look.nginx and not look.nginx.installed
    assert look.identity and look.identity.facts and look.identity.facts["generation"]["matches_manifest"]
    (service,) = look.services.values()
    assert service.record and service.record.recorded and service.record.differs == ()


def test_what_the_module_sees_of_ports_is_read(node: LookedAt) -> None:
    with serving(answering()) as port:
        (service,) = node.options()["services"]
        options = node.options(
            services=[{**service, "port": port, "server_name": "node.example.org"}],
            probes=[
                {"name": "orthanc: itself", "url": f"https://127.0.0.1:{port}/", "return_json": True},
                {"name": "untried", "url": f"https://127.0.0.1:{port}/", "certificate": "/nosuch"},
            ],
        )
        look = NodeLook.read(HOST, json.loads(json.dumps(node.look(**options))), options)
    assert [result.name for result in look.answers.results] == ["orthanc: itself"]
    assert look.answers.faults.keys() == {"untried"}
    assert [seen.not_loaded for seen in look.services.values()] != [None]


def test_what_the_module_cannot_see_is_read_as_its_faults(node: LookedAt) -> None:
    for program in ("dpkg-query", "systemctl", "ss"):
        node.programs.answer(program, status=5)
    options = node.options(units=[UNIT])
    look = NodeLook.read(HOST, json.loads(json.dumps(node.look(**options))), options)
    assert look.faults.keys() == {"packages", "units", "ports", "made_by_hand"}
    assert (look.packages, look.units, look.ports, look.made_by_hand) == ({}, {}, (), None)


def test_the_sections_have_the_types_that_the_inspectors_have() -> None:
    look, sections = looked(), healthy()
    for name in ("clock", "packages", "capabilities", "units", "files", "made_by_hand", "free_space", "nginx"):
        assert getattr(look, name) == sections[name]
    assert list(look.ports) == sections["ports"]
    assert look.services["orthanc"].record and look.services["orthanc"].record.service_state == "active"
    assert (look.answers.results[0].ok, look.answers.results[0].seen) == (True, "HTTP 200")
    assert (look.enrolment, look.server_certificate) == (None, None)


def test_a_section_that_was_asked_for_by_an_option_is_read() -> None:
    both = {"enrolment": {"changed": True, "renewed": True}, "server_certificate": {"changed": False}}
    look = read(answer(**both), **both)
    assert look.enrolment == SeenEnrolment(changed=True, renewed=True)
    assert look.server_certificate == SeenServerCertificate(changed=False)
    assert "not asked for" in refused(answer(enrolment={"changed": False}))
    assert "nothing, expected what was asked for" in refused(answer(), enrolment={"x": 1})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"reason": "because"}, "one of missing, damaged,"),
        ({"renewed": "yes"}, "true or false"),
        ({"not_after": "tomorrow"}, "a time such as"),
        ({"held": {"generation": "1", "since": "x", "why": "y", "ends_soon": False}}, "a time such as"),
        ({"held": {"generation": "1"}}, "the keys generation, since"),
        ({"enrolment": {"csr": "x", "staged": "y"}}, "no other keys than foreign_issuer, known_by"),
        ({"enrolment": {"known_by": "one"}}, "a list"),
    ],
)
def test_what_a_node_says_of_its_enrolment_is_typed(said: dict[str, Any], expected: str) -> None:
    asked = {"enrolment": {"step": "inspect"}}
    assert expected in refused(answer(enrolment={"changed": False, **said}), **asked)


@pytest.mark.parametrize("section", [name for name in SECTIONS if name != "faults"])
def test_a_section_with_a_fault_is_empty_and_one_without_is_there(section: str) -> None:
    look = looked(**faulted(section))
    assert getattr(look, section) == getattr(NodeLook(HOST), section) and look.faults == {section: "it broke"}
    assert f"{HOST}: {section}" in refused(answer(faults={section: "it broke"}))
    if section not in ("orthanc_version", "capabilities"):
        assert f"{HOST}: {section}: found nothing" in refused(answer(**{section: None}))


@pytest.mark.parametrize(
    ("sections", "text"),
    [
        ({"files": {**healthy()["files"], "/etc/shadow": ManagedFile("file")}}, "'/etc/shadow', expected nothing"),
        ({"files": {}}, "files: found 0 answers, expected one for each of 3"),
        ({"packages": {"orthanc": {"version": "1", "on_hold": False}}}, "found 1 answers"),
        ({"units": {"sshd.service": healthy()["units"][nginx.UNIT]}}, "sshd.service"),
        ({"free_space": {"/": healthy()["free_space"]["/etc/orthanc"]}}, "text '/'"),
        ({"ports": [{"port": 22, "program": "sshd", "process": 1}]}, "number 22"),
        ({"ports": [{"port": True, "program": "sshd", "process": 1}]}, "ports[0].port: found true, expected a whole"),
        (
            {"made_by_hand": {"changed": [], "extra": ["/etc/orthanc/../shadow.json"]}},
            "expected absolute paths of files",
        ),
        ({"made_by_hand": {"changed": ["passwd.json"], "extra": []}}, "made_by_hand"),
        ({"made_by_hand": {"changed": [], "extra": [], "in_vain": ["shadow"]}}, "expected absolute paths of files"),
        ({"orthanc_version": 1}, "orthanc_version: found the number 1, expected text"),
        ({"orthanc_version": "1" * 10**5}, "a text of 100000 characters"),
        (
            {"clock": {"utc": "now", "synchronised": 1}},
            "clock.synchronised: found the number 1, expected true or false",
        ),
        ({"clock": {"utc": "now"}}, "no key 'synchronised'"),
        ({"clock": {"utc": "now", "synchronised": None, "zone": ""}}, "the key 'zone'"),
        ({"clock": ["now"]}, "found a list of 1, expected a dictionary"),
        ({"ports": "443"}, "found the text '443', expected a list"),
        ({"faults": {"sudo": "x"}}, "faults: found the text 'sudo'"),
        ({"faults": {"ports": 1}}, "expected text"),
        ({"faults": None}, "faults: found nothing"),
        ({"answers": {"results": [], "faults": {}}}, "answers: found 0 answers"),
        ({"answers": {"results": [], "faults": {"other": "x"}}}, "'other'"),
        ({"services": {"orthanc": healthy()["services"]["orthanc"]}}, "services: found 1 answers"),
    ],
)
def test_what_is_odd_is_named_with_what_was_found_and_expected(sections: dict[str, Any], text: str) -> None:
    assert text in refused(answer(**sections))


def test_two_answers_of_one_probe_are_odd() -> None:
    answers = answer()["answers"]
    answers["results"] *= 2
    assert "2 answers" in refused(answer(answers=answers))


def test_another_site_of_nginx_counts_on_ports_that_were_asked_for() -> None:
    listener = {"address": "0.0.0.0", "port": 22, "file": "/x", "server_names": []}
    assert "nginx.other_listeners" in refused(answer(nginx={**answer()["nginx"], "other_listeners": [listener]}))


def test_a_record_names_files_of_its_service_and_has_no_fault() -> None:
    services = answer()["services"]
    services["orthanc"]["record"]["differs"] = [{"path": nginx.SITE, "why": "changed"}]
    assert nginx.SITE in refused(answer(services=services))
    services["orthanc"]["record"] = None
    assert "neither" in refused(answer(services=services))
    services["orthanc"]["fault"] = "damaged"
    assert read(answer(services=services)).services["orthanc"].fault == "damaged"


def test_a_look_that_failed_says_why_on_one_line() -> None:
    assert refused({"failed": True, "msg": "x\ny\x1b[2J"}) == f"{HOST}: cannot be looked at: 'x\\ny\\x1b[2J'."
    for silent in ({"failed": True}, {"unreachable": True, "msg": None}):
        assert refused(silent) == f"{HOST}: cannot be looked at: it does not say why."


def test_a_flood_of_values_is_odd(monkeypatch: pytest.MonkeyPatch) -> None:
    deep: Any = "x"
    for _depth in range(100):
        deep = [deep]
    identity = {"present": True, "fault": None}
    assert "deeper than" in refused(answer(identity={**identity, "facts": {"x": deep}}))
    assert "at most 5000" in refused(answer(identity={**identity, "facts": {"x": [1] * 5001}}))
    assert "64 bits" in refused(answer(identity={**identity, "facts": {"x": 2**64}}))
    assert "what JSON has" in refused({**answer(), "identity": {**identity, "facts": {"x": object()}}})
    assert "as a key" in refused({**answer(), "identity": {**identity, "facts": {1: "x"}}})
    monkeypatch.setattr(check_size, "__defaults__", (replace(reader.SECTION, values=10),))
    assert "more than a node has to tell" in refused(answer())
    monkeypatch.undo()
    monkeypatch.setattr(check_size, "__defaults__", (replace(reader.SECTION, all_texts=10),))
    assert "more than a node has to tell" in refused(answer())


def test_reading_changes_nothing() -> None:
    found, asked = answer(), copy.deepcopy(ASKED)
    NodeLook.read(HOST, found, asked)
    assert found == answer() and asked == ASKED


@given(st.sampled_from([*SECTIONS, "enrolment", "server_certificate"]), JSON)
def test_anything_in_a_section_is_read_or_is_an_error_about_the_node(section: str, value: Any) -> None:
    try:
        NodeLook.read(HOST, {**answer(), section: value}, ASKED)
    except OrthancTlsError as error:
        assert str(error).startswith(f"{HOST}: ") and str(error).isprintable()


@given(st.sampled_from(places(answer())), JSON)
def test_anything_anywhere_in_an_answer_is_read_or_is_an_error_about_the_node(
    path: tuple[Any, ...], value: Any
) -> None:
    try:
        NodeLook.read(HOST, changed(path, value), ASKED)
    except OrthancTlsError as error:
        assert str(error).startswith(f"{HOST}: ") and str(error).isprintable()
