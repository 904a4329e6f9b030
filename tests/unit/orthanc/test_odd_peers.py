# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers in every form that Orthanc takes, and those with which it does not start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.configuration import configuration_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.unit import Unit

B = "https://b.example.net/orthanc/"


def read(folder: Path, entry: Any) -> dict[str, Any]:
    (folder / "orthanc.json").write_text(json.dumps({"OrthancPeers": {"b": entry}}))
    result = configuration_of(Unit(str(folder), {}, ()), secrets=True)
    peer: dict[str, Any] = result["settings"]["OrthancPeers"]["b"]
    return {**peer, **{secret["path"][2]: secret["value"] for secret in result["secrets"]}}


TAKEN: dict[str, tuple[Any, dict[str, Any]]] = {
    "URL in capitals": ({"URL": B, "Username": "u", "Password": "p"}, {"Url": B, "Username": "u", "Password": "p"}),
    "URL beside Url": ({"URL": "https://old.example.net/", "Url": B}, {"Url": B}),
    "URL beside an empty Url": ({"URL": B, "Url": ""}, {"Url": B}),
    "a login in the URL": (
        ["https://u:p%40ss@b.example.net/orthanc/"],
        {"Url": B, "Username": "u", "Password": "p@ss"},
    ),
    "a login in the URL of a dictionary": (
        {"URL": "https://u:p@b.example.net/orthanc/", "Username": "", "Password": ""},
        {"Url": B, "Username": "u", "Password": "p"},
    ),
    "a login of its own beside one in the URL": (
        ["https://u:p@b.example.net/orthanc/", "own", "pw"],
        {"Url": B, "Username": "own", "Password": "pw"},
    ),
    "a user alone in the URL": (["https://token@b.example.net/"], {"Url": "https://token@b.example.net/"}),
    "an address in brackets": (["https://u:p@[2001:db8::1]:8042/"], {"Url": "https://[2001:db8::1]:8042/"}),
    "no scheme": (["192.0.2.4:8042"], {"Url": "http://192.0.2.4:8042"}),
    "a number for a password": ([B, "u", 1234], {"Url": B, "Username": "u", "Password": "1234"}),
    "null for user and password": ([B, None, None], {"Url": B, "Username": "", "Password": ""}),
}


@pytest.mark.parametrize(("entry", "peer"), TAKEN.values(), ids=TAKEN)
def test_what_orthanc_takes_is_read_as_it_does(tmp_path: Path, entry: Any, peer: dict[str, Any]) -> None:
    told = read(tmp_path, entry)
    assert {key: told[key] for key in peer} == peer and "URL" not in told


REFUSED: dict[str, tuple[Any, str]] = {
    "null": (None, "is null; Orthanc takes"),
    "a text": (B, "is a text; Orthanc takes"),
    "an empty list": ([], "is a list of 0; Orthanc takes"),
    "no password": ([B, "pw-user"], "is a list of 2; Orthanc takes"),
    "no URL": ({"Username": "u"}, "has no Url"),
    "an empty URL": ([""], "has no Url"),
    "null for a URL": ({"Url": None}, "b.Url is null; Orthanc takes a text"),
    "a number for a password": ({"Url": B, "Password": 12}, "b.Password is a whole number; Orthanc takes a text"),
    "a password without a user": ({"Url": B, "Password": "pw"}, "has a Password and no Username"),
    "another scheme": (["ftp://pw@b/"], "b.Url is no URL that Orthanc could call"),
    "a broken address": (["https://[2001:db8/"], "b.Url is no URL that Orthanc could call"),
    "a broken port": (["https://b.example.net:port/"], "b.Url is no URL that Orthanc could call"),
    "a list for headers": ({"Url": B, "HttpHeaders": ["pw"]}, "b.HttpHeaders is a list; Orthanc takes a dictionary"),
}


@pytest.mark.parametrize(("entry", "complaint"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("section", ["OrthancPeers", "DicomWeb.Servers"])
def test_what_orthanc_refuses_is_an_error_that_names_the_peer_and_shows_no_secret(
    tmp_path: Path, section: str, entry: Any, complaint: str
) -> None:
    peers = {"b": entry}
    settings = {"OrthancPeers": peers} if section == "OrthancPeers" else {"DicomWeb": {"Servers": peers}}
    (tmp_path / "orthanc.json").write_text(json.dumps(settings))
    with pytest.raises(OrthancTlsError, match=complaint) as error:
        configuration_of(Unit(str(tmp_path), {}, ()), secrets=False)
    assert f"{section}.b" in str(error.value) and "correct" in str(error.value)
    assert "pw" not in str(error.value).replace(str(tmp_path), "")
