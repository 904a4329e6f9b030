# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration read as Orthanc reads it, and what is told of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_certificates import made

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.configuration import configuration_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.files import configuration_files, read_files
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.json_text import parse
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.unit import Unit, unit_of

SHOWN = """LoadState=loaded
ExecStart={ path=/usr/sbin/Orthanc ; argv[]=/usr/sbin/Orthanc --logdir=/var/log/orthanc %s ; ignore_errors=no ; pid=0 }
Environment=A=1 "B=two words"
EnvironmentFiles=%s (ignore_errors=yes)
FragmentPath=/lib/systemd/system/orthanc.service
DropInPaths=/etc/systemd/system/orthanc.service.d/a.conf /etc/systemd/system/orthanc.service.d/b.conf
MainPID=0
"""


def found(folder: Path, text: str, *, secrets: bool = False, **environment: str) -> dict[str, Any]:
    (folder / "orthanc.json").write_text(text)
    return configuration_of(Unit(str(folder), environment, ("/lib/systemd/system/orthanc.service",)), secrets=secrets)


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ('{ /* a */ "A" : 1, // b\n "B" : "//no /* comment */" }', {"A": 1, "B": "//no /* comment */"}),
        ('{"A": [1, 2,], "B": {"C": 1,}, }', {"A": [1, 2], "B": {"C": 1}}),
        (r'{"A": "a \" // b,}"}', {"A": 'a " // b,}'}),
        ('{"A": "${HOME}", "B": "x${GONE}y", "C": "${GONE:-z}", "D": ${PORT:-8042}}', {"A": "/h", "B": "xy", "C": "z"}),
    ],
    ids=["comments", "trailing commas", "quotes", "variables"],
)
def test_what_orthanc_reads_is_read(text: str, settings: dict[str, Any]) -> None:
    read = parse(text, {"HOME": "/h"}, "orthanc.json").settings
    assert {key: read[key] for key in settings} == settings


def test_a_variable_of_the_environment_wins_over_its_default() -> None:
    assert parse('{"HttpPort": ${PORT:-8042}}', {"PORT": "80"}, "x").settings == {"HttpPort": 80}
    assert parse('{"HttpPort": ${PORT:-8042}}', {}, "x").settings == {"HttpPort": 8042}


@given(st.dictionaries(st.text(), st.recursive(st.text() | st.booleans() | st.integers(), st.lists)))
def test_plain_json_is_read_as_it_is(data: dict[str, Any]) -> None:
    text = json.dumps(data).replace("${", "\\u0024{")
    assert parse(text, {}, "x").settings == data


def test_what_is_no_json_is_an_error_that_names_file_and_line_and_shows_no_text() -> None:
    with pytest.raises(OrthancTlsError, match=r"my\.json is no JSON .*line 3, column") as error:
        parse('{ /* one\n two */\n "Password" : secret }', {}, "my.json")
    assert "secret" not in str(error.value)


def test_one_key_in_two_files_is_an_error_that_names_both(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"HttpPort": 80}')
    (tmp_path / "b.json").write_text('{"HttpPort": 81}')
    (tmp_path / "c.txt").write_text("not read")
    with pytest.raises(OrthancTlsError, match=r"HttpPort stands in .*a\.json and in .*b\.json"):
        read_files(configuration_files(str(tmp_path)), {})


def test_the_unit_says_path_environment_and_files(tmp_path: Path) -> None:
    (tmp_path / "environment").write_text("# comment\nC='three words'\n\nA=2\n")
    unit = unit_of("orthanc.service", SHOWN % ("/etc/orthanc/", tmp_path / "environment"))
    assert unit.configuration == "/etc/orthanc"
    assert unit.environment == {"A": "2", "B": "two words", "C": "three words"}
    assert [Path(file).name for file in unit.files] == ["orthanc.service", "a.conf", "b.conf"]


@pytest.mark.parametrize(
    ("shown", "complaint"),
    [
        ("LoadState=not-found\n", "There is no orthanc.service on this host"),
        (SHOWN % ("", "/x"), "starts Orthanc with no configuration"),
        (SHOWN % ("etc/orthanc", "/x"), "starts Orthanc with etc/orthanc; expected one absolute path"),
        (SHOWN % ("/a /b", "/x"), "starts Orthanc with /a and /b"),
    ],
    ids=["no unit", "no path", "relative", "two"],
)
def test_a_unit_that_cannot_be_read_is_an_error_that_says_what_was_found(shown: str, complaint: str) -> None:
    with pytest.raises(OrthancTlsError, match=complaint):
        unit_of("orthanc.service", shown)


def test_no_secret_is_among_the_settings_and_each_is_told_by_its_place(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "RegisteredUsers": {"alice": "alices-password"},
            "OrthancPeers": {"b": ["https://b/", "u", "bs-password"], "c": {"Url": "https://c/"}},
            "DicomWeb": {"Servers": {"b": {"Url": "https://b/", "CertificateKeyPassword": "${KEY_PASSWORD}"}}},
        }
    )
    result = found(tmp_path, text, KEY_PASSWORD="keys-password")
    assert "password" not in json.dumps(result).lower().replace('"password', "").replace("keypassword", "")
    assert result["secrets"] == [
        {"path": ["RegisteredUsers", "alice"]},
        {"path": ["OrthancPeers", "b", "Password"]},
        {"path": ["DicomWeb", "Servers", "b", "CertificateKeyPassword"]},
    ]
    told = found(tmp_path, text, secrets=True, KEY_PASSWORD="keys-password")["secrets"]
    assert [secret["value"] for secret in told] == ["alices-password", "bs-password", "keys-password"]


def test_studies_are_where_orthanc_keeps_them_whether_that_is_set_or_not(tmp_path: Path) -> None:
    unset = found(tmp_path, "{}")["settings"]
    assert unset["StorageDirectory"] == unset["IndexDirectory"] == str(tmp_path / "OrthancStorage")
    relative = found(tmp_path, '{"StorageDirectory": "../images", "IndexDirectory": "/srv/index"}')["settings"]
    assert relative["StorageDirectory"] == str(tmp_path.parent / "images")
    assert relative["IndexDirectory"] == "/srv/index"


def test_the_certificates_of_a_named_file_are_told_and_its_key_is_not(tmp_path: Path) -> None:
    served_with = made("localhost")
    (tmp_path / "certificate.pem").write_bytes(served_with.key_pem + served_with.cert_pem)
    peers = {"b": {"Url": "https://b", "CertificateFile": "gone.pem"}}
    result = found(tmp_path, json.dumps({"SslCertificate": "certificate.pem", "OrthancPeers": peers}))
    served, peer = result["pem_files"]
    assert (served["setting"], served["path"]) == ("SslCertificate", str(tmp_path / "certificate.pem"))
    assert [text.strip() for text in served["certificates"]] == [served_with.cert_pem.decode().strip()]
    assert "PRIVATE" not in json.dumps(result)
    assert (peer["setting"], peer["path"], peer["exists"]) == ("OrthancPeers.b.CertificateFile", "/gone.pem", False)


def test_a_pem_file_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "certificate.pem")
    (pem,) = found(tmp_path, '{"SslCertificate": "certificate.pem"}')["pem_files"]
    assert pem["exists"] is False


OWN_BUILD = """LoadState=loaded
ExecStart={ path=/opt/orthanc/bin/Orthanc ; argv[]=/opt/orthanc/bin/Orthanc %s ; ignore_errors=no ; pid=0 }
User=pacs
FragmentPath=/etc/systemd/system/orthanc.service
MainPID=0
"""


@pytest.mark.parametrize("argument", ["/opt/orthanc/configuration.json", "configuration.json", ""])
def test_an_orthanc_built_elsewhere_is_named_with_its_user_and_nothing_of_it_is_read(argument: str) -> None:
    unit = unit_of("orthanc.service", OWN_BUILD % argument)
    assert (unit.program, unit.user) == ("/opt/orthanc/bin/Orthanc", "pacs")
    told = "/etc/systemd/system/orthanc.service starts /opt/orthanc/bin/Orthanc as pacs, and not Debian's /usr/sbin"
    with pytest.raises(OrthancTlsError, match=told):
        configuration_of(unit, secrets=False)


def test_what_has_no_user_in_its_unit_runs_as_root() -> None:
    unit = unit_of("orthanc.service", OWN_BUILD.replace("User=pacs\n", "") % "/x")
    with pytest.raises(OrthancTlsError, match="as root, and not"):
        configuration_of(unit, secrets=True)
