# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node answers of its configuration is data: whatever is odd in it is an error about that node."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from configured_by_hand import ALONE, found
from hand_made_nginx import PACS, dumped
from made_certificates import made

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.answer import checked_answer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.host_vars import host_vars_text
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.variables import adopt
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

FULL: dict[str, Any] = {
    "SslEnabled": True,
    "SslVerifyPeers": True,
    "SslCertificate": "server.pem",
    "HttpProxy": "jane:pw@192.0.2.1:3128",
    "RegisteredUsers": {"jane": "pw"},
    "LuaScripts": ["filter.lua"],
    "OrthancPeers": {"b": ["https://b.example.net/", "u", "pw"], "c": ["https://token@c.example.net/"]},
    "DicomWeb": {"Root": "/dw/", "Servers": {"b": {"Url": "https://b.example.net/dw/", "Username": "u"}}},
    "MyPlugin": {"Code": ["pw"]},
}


def answer(folder: Path) -> dict[str, Any]:
    own = made("pacs.example.org")
    (folder / "server.pem").write_bytes(own.key_pem + own.cert_pem)
    (folder / "filter.lua").write_text("function IncomingHttpRequestFilter() end")
    return found(folder, json.dumps(FULL) + "k", nginx=dumped(PACS))


def taken(told: dict[str, Any]) -> str:
    adoption = adopt(checked_answer(told, "pacs"), "pacs", Fleet(ALONE, {"orthanc": ["pacs"]}))
    return host_vars_text("x", adoption.variables)


def test_what_the_module_returns_is_taken(tmp_path: Path) -> None:
    assert "orthanc_config" in taken(answer(tmp_path))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of an answer, so that each can be made odd."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in children:
        yield (*path, key)
        yield from places(item, (*path, key))


ODD: list[Any] = [None, True, -1, 1.5, "x", "http://[", "{{ 1 }}", [], ["x"], [[None]], {}, {"x": None}, {"Url": ["x"]}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_an_odd_value_anywhere_is_taken_or_an_error_that_names_the_host(tmp_path: Path, odd: Any) -> None:
    whole = answer(tmp_path)
    for path in places(whole):
        told = copy.deepcopy(whole)
        place: Any = told
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = odd
        try:
            text = taken(told)
        except OrthancTlsError as error:
            assert "pacs" in str(error), path
        else:
            assert "{{ 1 }}" not in text.replace('!unsafe "{{ 1 }}"', ""), path


@pytest.mark.parametrize(
    "key",
    ["settings", "secrets", "pem_files", "unread", "request_filters", "nginx_servers", "nginx_fault", "user", "groups"],
)
def test_what_lacks_in_an_answer_is_an_error_that_names_it(tmp_path: Path, key: str) -> None:
    told = answer(tmp_path)
    del told[key]
    with pytest.raises(OrthancTlsError, match=f"pacs: the node's answer .*{key}"):
        checked_answer(told, "pacs")
