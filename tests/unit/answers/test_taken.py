# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of a node's answer what the module answers is taken, by type; all else is left, or an error that names the node."""

from __future__ import annotations

import copy
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from fake_node import FakeFleet
from hypothesis import given
from hypothesis import strategies as st
from seen_node import IDENTITY

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.modules import ansible_module
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers import taken as answers
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.taken import taken

ROOT = Path(__file__).parents[3]
TERMINAL = "\x1b]0;x\x07\x1b[2J\x9b31m\r\u202e"
FORMS = answers._FORMS
OF_ANSIBLE = {"apt", "command", "file"}
SEEN = {"present": True, "identity": IDENTITY, "fault": None, "services": [], "served": None, "not_loaded": None}
PROBED = {"name": "a", "url": "https://a/", "expected": "answered", "seen": "HTTP 200", "ok": True, "json": {"a": [1]}}
HONEST: dict[str, dict[str, Any]] = {
    "certificate_generation": {"identity": IDENTITY},
    "certificate_info": {"certificates": []},
    "identity_info": SEEN,
    "nginx_info": {"installed": True},
    "orthanc_configuration_info": {
        **{"configuration": "/etc/orthanc", "files": [], "unit_files": [], "settings": {}, "secrets": []},
        "pem_files": [],
    },
    "tls_probe": {"results": [PROBED], "table": "one\ntwo"},
}
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def refused(module: str, answer: dict[str, Any]) -> str:
    with pytest.raises(OrthancTlsError) as error:
        taken("edge1", module, answer)
    assert str(error.value).startswith("edge1: ") and str(error.value).isprintable()
    return str(error.value)


@pytest.mark.parametrize("module", FORMS)
def test_an_honest_answer_is_taken_as_it_came(module: str) -> None:
    answer = {"changed": True, **HONEST.get(module, {})}
    assert taken("edge1", f"openimaging.orthanc.{module}", copy.deepcopy(answer)) == answer


@pytest.mark.parametrize("module", sorted(FORMS.keys() - OF_ANSIBLE))
def test_every_key_that_a_module_returns_is_taken(module: str) -> None:
    text = (ROOT / "plugins" / "modules" / f"{module}.py").read_text()
    documented = yaml.safe_load(text.split('RETURN = r"""')[1].split('"""')[0]) or {}
    assert documented.keys() <= {field.name for field in fields(FORMS[module])}


def test_every_module_that_runs_on_a_node_has_its_types() -> None:
    modules = {file.stem for file in ROOT.glob("plugins/modules/*.py")}
    actions = {file.stem: file.read_text() for file in ROOT.glob("plugins/action/*.py")}
    local = {name for name, text in actions.items() if "(LocalAction)" in text} | {"preflight", "node_identity"}
    own_readers = {"node_look", "node_verify"}
    assert set(ansible_module.ARGUMENT_SPEC["name"]["choices"]) == OF_ANSIBLE
    assert modules - local - own_readers - {"ansible_module"} | OF_ANSIBLE == FORMS.keys(), (
        "read by plan/node_look.py and verification/seen.py"
    )


@pytest.mark.parametrize("module", FORMS)
def test_what_ansible_would_act_upon_is_left(module: str) -> None:
    acted_upon: dict[str, Any] = {"skipped": True, "unreachable": True, "ansible_stats": {"data": {"a": 1}}, "rc": 5}
    acted_upon |= {"add_host": {"host_name": "pacs"}, "invocation": {}, "deprecations": [{"msg": TERMINAL}]}
    assert not taken("edge1", module, {**HONEST.get(module, {}), **acted_upon}).keys() & acted_upon.keys()


def test_a_required_key_that_is_missing_is_named() -> None:
    answer = {key: value for key, value in SEEN.items() if key != "served"}
    assert "identity_info: found no key 'served'" in refused("identity_info", answer)


@pytest.mark.parametrize("flag", ["changed", "failed"])
def test_a_flag_that_is_neither_true_nor_false_is_an_error(flag: str) -> None:
    assert f"service_load.{flag}: found the text 'yes'" in refused("service_load", {flag: "yes"})


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("line\nline", "line\nline"),
        (TERMINAL, "\\x1b]0;x\\x07\\x1b[2J\\x9b31m\\r\\u202e"),
        ("x" * 100_000, "x" * 65536),
        (None, "it failed, and does not say why"),
        ([TERMINAL], "it failed, and gives a list of 1 as the reason"),
    ],
)
def test_a_failure_says_why_and_commands_no_terminal(said: Any, message: str) -> None:
    failure = taken("edge1", "identity_info", {**SEEN, "failed": True, "msg": said, "exception": TERMINAL})
    assert failure == {"changed": False, "failed": True, "msg": message}, "nothing else of a failure is believed"


def test_an_answer_that_ansible_cannot_read_is_an_error_about_the_node_and_the_module() -> None:
    answer = {"failed": True, "msg": "Module result deserialization failed", "_ansible_parsed": False}
    found = taken("edge1", "openimaging.orthanc.nginx_info", answer)
    assert found["msg"] == "edge1: nginx_info: Module result deserialization failed"


def test_a_failed_service_and_failed_probes_tell_more() -> None:
    told = {"restored": True, "held": False, "back": "healthy", "back_failure": "", "log": "a\nb", "differs": []}
    assert taken("edge1", "service_load", {"failed": True, "msg": "x", **told}).items() >= told.items()
    assert taken("edge1", "tls_probe", {"failed": True, "msg": "x", "results": [PROBED]})["results"] == [PROBED]


def test_a_command_that_failed_shows_what_it_wrote_to_standard_error() -> None:
    failure = taken(
        "edge1", "ansible.builtin.command", {"failed": True, "msg": "x", "rc": 1, "stderr": f"cp: {TERMINAL}"}
    )
    assert failure["stderr"].startswith("cp: \\x1b]0") and "rc" not in failure


def test_what_kept_python_from_running_is_shown_without_its_escapes() -> None:
    failure = taken("edge1", "identity_info", {"failed": True, "msg": "no JSON", "module_stderr": f"sudo: {TERMINAL}"})
    assert failure["module_stderr"].startswith("sudo: \\x1b]0")


def test_texts_warnings_and_differences_are_escaped_and_keep_their_lines() -> None:
    answer = {"due": True, "differs": [{"path": f"/a\n{TERMINAL}", "why": "changed"}], "warnings": [TERMINAL, 7]}
    found = taken("edge1", "service_load", {**answer, "diff": [{"before": TERMINAL, "after": "a\nb"}]})
    assert found["differs"][0]["path"].startswith("/a\n\\x1b")
    assert found["warnings"] == ["\\x1b]0;x\\x07\\x1b[2J\\x9b31m\\r\\u202e"]
    assert found["diff"][0]["before"].isprintable() and found["diff"][0]["after"] == "a\nb"
    assert "found the text" in refused("service_load", {"diff": "x"})


def test_a_configuration_keeps_every_text_as_it_is() -> None:
    settings = {"Name": "a\tb", "RegisteredUsers": None}
    answer = {**HONEST["orthanc_configuration_info"], "settings": settings}
    assert taken("edge1", "orthanc_configuration_info", answer)["settings"] == settings


def test_what_is_larger_than_any_answer_is_an_error() -> None:
    assert "characters" in refused("identity_info", {**SEEN, "fault": "x" * 5_000_000})
    assert "64 bits" in refused("identity_info", {**SEEN, "fault": 10**4000})
    deep: Any = []
    for _depth in range(100):
        deep = [deep]
    assert "deeper than 64" in refused("tls_probe", {"results": [{**PROBED, "json": deep}]})


@given(st.sampled_from(sorted(FORMS)), st.data())
def test_anything_is_taken_by_type_or_is_an_error_about_the_node(module: str, data: st.DataObject) -> None:
    names = [field.name for field in fields(FORMS[module])]
    keys = st.sampled_from([*names, "changed", "failed", "msg", "diff", "warnings"])
    answer = {**HONEST.get(module, {}), **data.draw(st.dictionaries(keys, ANYTHING, max_size=3))}
    try:
        found = taken("edge1", module, answer)
    except OrthancTlsError as error:
        assert str(error).startswith("edge1: ") and str(error).isprintable()
    else:
        assert found.keys() <= {*names, "changed", "failed", "msg", "diff", "warnings"}


ASK = {"name": "Look", "openimaging.orthanc.identity_info": {"port": 443, "server_name": "x"}, "delegate_to": "edge1"}
ODD = {
    # Ansible from 2.21 on drops such facts, and what is left lacks a key.
    "facts that are no dictionary": ({"ansible_facts": "x"}, ("edge1: ", "examine the node")),
    "an identity of another type": ({**SEEN, "identity": [1]}, ("edge1: identity_info.identity: found a list of 1",)),
}


@pytest.mark.parametrize(("answer", "says"), ODD.values(), ids=ODD)
def test_the_odd_answer_of_another_host_does_not_fail_the_host_that_asks(
    tmp_path: Path, answer: dict[str, Any], says: tuple[str, ...]
) -> None:
    fleet = FakeFleet(tmp_path, {"edge1": {}, "archive": {}}, {})
    fleet.answers("edge1", identity_info=answer)
    task = {**ASK, "failed_when": False, "ignore_unreachable": True, "register": "look"}
    show = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ look.msg }}"}}
    (tmp_path / "look.yml").write_text(
        yaml.safe_dump([{"hosts": "archive", "gather_facts": False, "tasks": [task, show]}])
    )
    status, output = fleet.play(tmp_path / "look.yml")
    shown = output.split("TASK [Show]")[1].replace("\n", " ")
    assert status == 0 and all(text in shown for text in says), output


FAILED_PROBE = {
    "results": [],
    "failed": True,
    "msg": "1 of 1 probes not as expected.",
    "table": "    probe\nNO  x\x1b[2J",
}


@pytest.mark.parametrize(("own", "printed"), [({}, True), ({"failed_when": False}, False)], ids=["fails", "does not"])
def test_the_table_of_probes_that_failed_is_printed_in_lines(
    tmp_path: Path, own: dict[str, Any], *, printed: bool
) -> None:
    fleet = FakeFleet(tmp_path, {"edge1": {}}, {})
    fleet.answers("edge1", tls_probe=FAILED_PROBE)
    task = {"name": "Try", "openimaging.orthanc.tls_probe": {"probes": []}, **own}
    (tmp_path / "try.yml").write_text(yaml.safe_dump([{"hosts": "edge1", "gather_facts": False, "tasks": [task]}]))
    status, output = fleet.play(tmp_path / "try.yml")
    assert (status != 0) is printed, output
    assert ("\nedge1:\n    probe\nNO  x\\x1b[2J\n" in output) is printed, output


def test_a_host_that_does_not_answer_does_not_fail_the_host_that_asks(tmp_path: Path) -> None:
    fleet = FakeFleet(tmp_path, {"edge1": {}, "archive": {}}, {})
    (tmp_path / "nodes" / "edge1" / "python").write_text("#!/bin/sh\nexec sleep 20\n")
    task = {**ASK, "failed_when": False, "ignore_unreachable": True, "register": "look", "timeout": 2}
    show = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ look.msg }}"}}
    (tmp_path / "look.yml").write_text(
        yaml.safe_dump([{"hosts": "archive", "gather_facts": False, "tasks": [task, show]}])
    )
    status, output = fleet.play(tmp_path / "look.yml")
    assert status == 0 and "edge1: gave no answer to" in output.split("TASK [Show]")[1], output
