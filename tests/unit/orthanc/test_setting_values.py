# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Orthanc makes of each value was tried on Debian's Orthanc 1.10.1 and 1.12.7, one value at a time."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.orthanc.settings import check_user_settings
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.orthanc.values import wrong_values

MODALITY = {"AET": "CT", "Host": "ct.example", "Port": 104}
SECRET = "not-to-be-shown"


@pytest.mark.parametrize(
    "modality",
    [
        ["CT", "h", 104],
        ["CT", "h", "104"],
        ["CT", "h", "+104"],
        ["CT", "h", "0104"],
        ["CT", "h", 65534],
        ["CT", "h", 1, "GE"],
        ["CT", "h", 1, "AgfaImpax"],
        ["", "", 1],
        MODALITY,
        {**MODALITY, "Port": "104", "UseDicomTls": True, "Timeout": 0, "LocalAet": "X", "Unknown": 5},
    ],
)
def test_a_modality_that_orthanc_takes_is_taken(modality: Any) -> None:
    assert list(wrong_values({"DicomModalities": {"ct-1_A": modality}})) == []


@pytest.mark.parametrize(
    ("modality", "complaint"),
    [
        (["CT", "h", "x104"], "ct.Port is 'x104'; Orthanc takes a whole number from 1 to 65534 here"),
        (["CT", "h", " 104"], "ct.Port is ' 104'; Orthanc takes"),
        (["CT", "h", 0], "ct.Port is '0'; Orthanc takes"),
        (["CT", "h", 65535], "ct.Port is '65535'; Orthanc takes"),
        (["CT", "h", 104.0], "ct.Port is a float; Orthanc takes"),
        (["CT", "h", True], "ct.Port is a boolean; Orthanc takes"),
        (["CT", "h"], "ct is a list of 2; Orthanc takes [AET, host, port]"),
        (["CT", "h", 1, "GE", 1], "ct is a list of 5; Orthanc takes"),
        (["CT", "h", 1, "Ge"], "ct.Manufacturer is 'Ge'; Orthanc takes one of: Generic, "),
        (["CT", "h", 1, 5], "ct.Manufacturer is a whole number; Orthanc takes a text here"),
        ([1, "h", 1], "ct.AET is a whole number; Orthanc takes a text here"),
        ("CT", "ct is a text; Orthanc takes [AET, host, port]"),
        (None, "ct is null; Orthanc takes [AET, host, port]"),
        ({"AET": "CT", "Host": "h"}, "ct has no Port; Orthanc needs it"),
        ({"Aet": "CT", "Host": "h", "Port": 1}, "ct has no AET; Orthanc needs it"),
        ({**MODALITY, "AllowEcho": "true"}, "ct.AllowEcho is a text; Orthanc takes a boolean here"),
        ({**MODALITY, "UseDicomTls": 1}, "ct.UseDicomTls is a whole number; Orthanc takes a boolean here"),
        ({**MODALITY, "Timeout": "5"}, "ct.Timeout is a text; Orthanc takes a whole number here"),
        ({**MODALITY, "Timeout": -5}, "ct.Timeout is -5; Orthanc takes a whole number of seconds here"),
    ],
)
def test_a_modality_with_which_orthanc_would_not_start_is_named_with_what_it_takes(
    modality: Any, complaint: str
) -> None:
    (found,) = wrong_values({"DicomModalities": {"ct": modality}})
    assert found.startswith(f"DicomModalities.{complaint}")


@given(st.integers() | st.text() | st.floats() | st.none() | st.booleans())
def test_whatever_stands_as_port_is_a_port_or_a_complaint(port: Any) -> None:
    wrong = list(wrong_values({"DicomModalities": {"ct": {**MODALITY, "Port": port}}}))
    is_number = isinstance(port, int) and not isinstance(port, bool)
    as_orthanc_reads = re.fullmatch(r"[+-]?[0-9]+", port) if isinstance(port, str) else is_number
    number = int(port) if as_orthanc_reads else 0
    assert bool(wrong) is not (1 <= number <= 65534)


@pytest.mark.parametrize("section", ["OrthancPeers", "DicomWeb"])
@pytest.mark.parametrize(
    ("peer", "complaint"),
    [
        (["https://a/", SECRET], "x is a list of 2; Orthanc takes [URL]"),
        ([], "x is a list of 0; Orthanc takes [URL]"),
        (None, "x is null; Orthanc takes [URL]"),
        (["ftp://a"], "x.Url is no URL that Orthanc could call"),
        ({}, "x has no Url; Orthanc needs one"),
        ({"Url": "https://a/", "Timeout": "5"}, "x.Timeout is a text; Orthanc takes a whole number here"),
        ({"Url": "https://a/", "Timeout": -1}, "x.Timeout is -1; Orthanc takes a whole number of seconds here"),
        (
            {"Url": "https://a/", "HttpHeaders": {"Token": 5}},
            "x.HttpHeaders.Token is a whole number; Orthanc takes a text",
        ),
        ({"Url": "https://a/", "HttpHeaders": []}, "x.HttpHeaders is a list; Orthanc takes a dictionary here"),
        ({"Url": "https://a/", "Own": {}}, "x.Own is a dictionary; Orthanc takes a text, a whole number or a boolean"),
        ({"Url": "https://a/", "Password": SECRET}, "x has a Password and no Username; Orthanc takes both or neither"),
        ({"Url": "https://a/", "Username": 5}, "x.Username is a whole number; Orthanc takes a text here"),
    ],
)
def test_a_peer_with_which_orthanc_would_not_start_is_named_without_its_password(
    section: str, peer: Any, complaint: str
) -> None:
    config = {"OrthancPeers": {"x": peer}} if section == "OrthancPeers" else {"DicomWeb": {"Servers": {"x": peer}}}
    (found,) = wrong_values(config)
    assert found.startswith(f"{'OrthancPeers' if section == 'OrthancPeers' else 'DicomWeb.Servers'}.{complaint}")
    assert SECRET not in found


def test_peers_that_orthanc_takes_are_taken() -> None:
    peers = {
        "a": ["https://a/"],
        "b": ["b", "user", 5],
        "c": {
            "URL": "https://c/",
            "Username": "u",
            "Password": SECRET,
            "Own": 5,
            "Timeout": 0,
            "HttpHeaders": {"A": "b"},
        },
    }
    assert (
        list(wrong_values({"OrthancPeers": peers, "DicomWeb": {"Servers": {**peers, "with.dots": ["https://d/"]}}}))
        == []
    )


@pytest.mark.parametrize("key", ["DicomModalities", "OrthancPeers"])
def test_a_name_that_orthanc_does_not_take_is_named(key: str) -> None:
    entry = {"DicomModalities": ["A", "h", 1], "OrthancPeers": ["https://a/"]}[key]
    (found,) = wrong_values({key: {"a.b": entry}})
    assert found == f"{key} has the name 'a.b'; Orthanc takes letters, digits, '_' and '-' there"


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"StableAge": -1}, "StableAge is -1; Orthanc takes a whole number from 0 to 2147483647 here"),
        ({"MaximumStorageSize": 2**31}, "MaximumStorageSize is 2147483648; Orthanc takes a whole number from 0"),
        ({"HttpThreadsCount": 0}, "HttpThreadsCount is 0; Orthanc takes a whole number from 1"),
        ({"MaximumPduLength": 4095}, "MaximumPduLength is 4095; Orthanc takes a whole number from 4096 to 131072"),
        (
            {"DicomLossyTranscodingQuality": 101},
            "DicomLossyTranscodingQuality is 101; Orthanc takes a whole number from 1",
        ),
        ({"MaximumStorageMode": "reject"}, "MaximumStorageMode is 'reject'; Orthanc takes one of: Recycle, Reject"),
        ({"StorageAccessOnFind": "always"}, "StorageAccessOnFind is 'always'; Orthanc takes one of: Always, "),
        ({"DefaultEncoding": "utf-8"}, "DefaultEncoding is 'utf-8'; Orthanc takes one of: ASCII, UTF8"),
        ({"IngestTranscoding": "jpeg"}, "IngestTranscoding is 'jpeg'; Orthanc takes the UID of a transfer syntax here"),
        ({"DatabaseServerIdentifier": ""}, "DatabaseServerIdentifier is empty; "),
        ({"LuaScripts": [{}]}, "LuaScripts lists a dictionary; Orthanc takes a list of texts"),
        ({"AcceptedTransferSyntaxes": [1]}, "AcceptedTransferSyntaxes lists a whole number; Orthanc takes"),
        ({"UserMetadata": {"a": 5}}, "UserMetadata.a is 5; Orthanc takes a whole number from 1024 to 65535 here"),
        ({"UserMetadata": {"a": "1024"}}, "UserMetadata.a is a text; Orthanc takes a whole number from 1024"),
        ({"UserMetadata": {"a": 1024, "b": 1024}}, "UserMetadata.b is 1024, as is UserMetadata.a; Orthanc takes each"),
        ({"UserContentType": {"a": [1024]}}, "UserContentType.a is a list; Orthanc takes a whole number from 1024"),
        ({"Dictionary": {"0014,1020": ["DA", "X"]}}, "Dictionary.0014,1020 must be a list: VR, name, least and most"),
        ({"Dictionary": {"0014,1020": ["DA", "X", "1", 1]}}, "Dictionary.0014,1020 must be a list: VR, name, least"),
        ({"ExtraMainDicomTags": {"Foo": ["Rows"]}}, "ExtraMainDicomTags has the level 'Foo'; Orthanc takes Patient"),
        ({"ExtraMainDicomTags": {"Series": "Rows"}}, "ExtraMainDicomTags.Series must be a list of names"),
        ({"JobsEngineThreadsCount": {"X": -1}}, "JobsEngineThreadsCount.X is -1; Orthanc takes a whole number from 0"),
        (
            {"JobsEngineThreadsCount": {"X": "1"}},
            "JobsEngineThreadsCount.X is a text; Orthanc takes a whole number here",
        ),
        ({"Warnings": {"W001": "x"}}, "Warnings.W001 is a text; Orthanc takes a boolean here"),
        ({"DicomWeb": None}, "DicomWeb is null; Orthanc takes a dictionary here"),
        ({"DicomWeb": {"Servers": []}}, "DicomWeb.Servers is a list; Orthanc takes a dictionary here"),
        (
            {"DicomTlsEnabled": True, "DicomTlsCertificate": "/c.pem"},
            "DicomTlsEnabled is true without DicomTlsPrivateKey, DicomTlsTrustedCertificates; Orthanc needs the",
        ),
    ],
)
def test_a_value_that_orthanc_refuses_or_replaces_is_named_with_what_it_takes(
    config: dict[str, Any], complaint: str
) -> None:
    (found,) = wrong_values(config)
    assert found.startswith(complaint)


@pytest.mark.parametrize(
    "config",
    [
        {"ConcurrentJobs": 0, "HttpThreadsCount": 1, "MaximumPduLength": 131072, "LuaHeartBeatPeriod": -1},
        {"MaximumStorageMode": "Reject", "StorageAccessOnFind": "Answers", "DefaultEncoding": "latin1"},
        {"IngestTranscoding": "1.2.840.10008.1.2.4.70", "DeidentifyLogsDicomVersion": "2030a"},
        {"UserMetadata": {"a.b": 1024}, "UserContentType": {"a": [1024, "text/plain"], "b": 65535}},
        {"Dictionary": {"00e1,10c2": ["UI", "P", 1, 1, "ELSCINT1"]}, "Warnings": {"W001": 1, "W002": False}},
        {"ExtraMainDicomTags": {"instance": ["Rows"], "Series": []}, "JobsEngineThreadsCount": {"X": 0}},
        {
            "DicomTlsEnabled": True,
            "DicomTlsCertificate": "/c.pem",
            "DicomTlsPrivateKey": "/k.pem",
            "DicomTlsRemoteCertificateRequired": False,
        },
        {"PostgreSQL": {"Port": "x"}, "OrthancExplorer2": 5},
    ],
)
def test_values_that_orthanc_takes_are_taken(config: dict[str, Any]) -> None:
    assert list(wrong_values(config)) == []


def test_all_that_is_wrong_with_a_configuration_is_said_at_once() -> None:
    config = {"SslEnabled": False, "Zebra": 1, "StableAge": "60", "DicomModalities": {"ct": ["CT", "h", "x104"]}}
    with pytest.raises(OrthancTlsError) as error:
        check_user_settings("a", config)
    lines = str(error.value).splitlines()
    assert [line.split(" ", 3)[1:3] for line in lines] == [
        ["orthanc_config", "sets"],
        ["orthanc_config", "has"],
        ["orthanc_config.StableAge", "is"],
        ["orthanc_config.DicomModalities.ct.Port", "is"],
    ]
    assert all(line.startswith("a: ") for line in lines)
