# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that Orthanc reads although they are no clean JSON, and files with which it does not start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.configuration import configuration_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.files import configuration_files
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.json_text import parse
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.unit import Unit

AFTER_THE_END = """{
  "Name" : "PACS",
  "StableAge" : 60
}k
"PostgreSQL" : { "EnableIndex" : true, "Password" : "pgs-password" }
"""

READ: dict[str, tuple[str, dict[str, Any]]] = {
    "text after the last brace": (AFTER_THE_END, {"Name": "PACS", "StableAge": 60}),
    "a quote after the last brace": ('{ "A" : 1 } /* done */ "', {"A": 1}),
    "a leading zero": ('{ "DicomPort" : 0104, "B" : [ -007, 0, 00.50 ] }', {"DicomPort": 104, "B": [-7, 0, 0.5]}),
    "a number that ends with its point": ('{ "A" : 1., "B" : 1.e2 }', {"A": 1.0, "B": 100.0}),
    "zeros in a text": ('{ "A" : "0104 and 1." }', {"A": "0104 and 1."}),
    "a comment that ends with a carriage return": ('{ // one\r "A" : 1 }', {"A": 1}),
    "a default in quotes": ('{ "A" : "${GONE:-\'x y\'}", "B" : ${GONE:-"1"} }', {"A": "x y", "B": 1}),
    "a key that stands twice": ('{ "A" : 1, "A" : 2 }', {"A": 2}),
}


@pytest.mark.parametrize(("text", "settings"), READ.values(), ids=READ)
def test_what_orthanc_reads_is_read(text: str, settings: dict[str, Any]) -> None:
    assert parse(text, {}, "orthanc.json").settings == settings


REFUSED = {
    "nothing": "",
    "a comment alone": "/* { } */",
    "a comment without an end": '{ "A" : 1 /* }',
    "not a number": '{ "A" : NaN }',
    "a sign alone": '{ "A" : - }',
    "a variable without a name": '{ "A" : "${}" }',
    "two braces": '{ { "A" : 1 } }',
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_orthanc_refuses_is_an_error_that_names_the_file(text: str) -> None:
    with pytest.raises(OrthancTlsError, match=r"my\.json"):
        parse(text, {}, "my.json")


def test_what_stands_after_the_last_brace_is_told_without_its_text(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(AFTER_THE_END)
    (tmp_path / "b.json").write_text("{ } // the end\n/* really */\n")
    result = configuration_of(Unit(str(tmp_path), {}, ()), secrets=False)
    assert result["unread"] == [{"path": str(tmp_path / "a.json"), "line": 4}]
    assert "pgs-password" not in repr(result)


def test_the_files_of_a_folder_are_those_that_orthanc_takes(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    for name in ("a.json", "b.JSON", "c.json.bak"):
        (tmp_path / name).write_text("{}")
    assert configuration_files(str(tmp_path)) == [str(tmp_path / "a.json"), str(tmp_path / "b.JSON")]


WRONG_TYPES: dict[str, tuple[str, str]] = {
    "null for a section": ('{"OrthancPeers": null}', "OrthancPeers is null; Orthanc takes a dictionary"),
    "null for a plugin": ('{"DicomWeb": null}', "DicomWeb is null; Orthanc takes a dictionary"),
    "a text for a plugin": ('{"DicomWeb": "yes"}', "DicomWeb is a text; Orthanc takes a dictionary"),
    "null for the servers": ('{"DicomWeb": {"Servers": null}}', "DicomWeb.Servers is null; Orthanc takes a dictionary"),
    "a text for a list": ('{"Plugins": "/usr/lib"}', "Plugins is a text; Orthanc takes a list"),
    "a list of a list": ('{"LuaScripts": [["a"]]}', "LuaScripts holds a list; Orthanc takes texts"),
    "a number for a path": ('{"SslCertificate": 5}', "SslCertificate is a whole number; Orthanc takes a text"),
    "a text for a boolean": ('{"SslEnabled": "true"}', "SslEnabled is a text; Orthanc takes a boolean"),
    "a text for a port": ('{"HttpPort": "8042"}', "HttpPort is a text; Orthanc takes a whole number"),
    "a list for a password": (
        '{"RegisteredUsers": {"jane": ["pw"]}}',
        "RegisteredUsers.jane is a list; Orthanc takes a text",
    ),
}


@pytest.mark.parametrize(("text", "complaint"), WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_a_value_of_a_type_with_which_orthanc_does_not_start_is_an_error(
    tmp_path: Path, text: str, complaint: str
) -> None:
    (tmp_path / "orthanc.json").write_text(text)
    with pytest.raises(OrthancTlsError, match=complaint) as error:
        configuration_of(Unit(str(tmp_path), {}, ()), secrets=False)
    assert str(tmp_path / "orthanc.json") in str(error.value) and "correct" in str(error.value)
    assert "pw" not in str(error.value).replace(str(tmp_path), "")


def test_passwords_that_are_no_texts_are_those_that_orthanc_takes(tmp_path: Path) -> None:
    (tmp_path / "orthanc.json").write_text('{"RegisteredUsers": {"a": 123456, "b": true, "c": 1.5}}')
    secrets = configuration_of(Unit(str(tmp_path), {}, ()), secrets=True)["secrets"]
    assert [secret["value"] for secret in secrets] == ["123456", "true", "1.5"]
