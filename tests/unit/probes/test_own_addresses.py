# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which addresses a host has, as `ip` tells them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes import own_addresses

SAID = [
    {},
    {
        "ifname": "lo",
        "addr_info": [
            {"family": "inet", "local": "127.0.0.1", "scope": "host"},
            {"family": "inet", "local": "192.0.2.80", "scope": "global"},
            {"family": "inet6", "local": "::1", "scope": "host"},
        ],
    },
    {
        "ifname": "eth0",
        "addr_info": [
            {"family": "inet", "local": "192.0.2.7", "scope": "global"},
            {"family": "inet", "local": "169.254.3.4", "scope": "link"},
            {"family": "inet6", "local": "2001:db8::7", "scope": "global"},
            {"family": "inet6", "local": "fe80::1", "scope": "link"},
        ],
    },
    {"ifname": "eth1", "addr_info": [{"family": "inet", "local": "192.0.2.7", "scope": "global"}]},
]


def test_all_addresses_count_but_the_loopback_s_and_those_that_need_an_interface() -> None:
    expected = ["192.0.2.80", "192.0.2.7", "169.254.3.4", "2001:db8::7"]
    assert own_addresses.read_addresses(json.dumps(SAID)) == expected


@pytest.mark.parametrize("said", ["", "null", "[1]", '[{"addr_info": [{"local": "x"}]}]'])
def test_what_cannot_be_read_is_an_error_and_no_empty_list(said: str) -> None:
    with pytest.raises(OrthancTlsError, match="cannot be read"):
        own_addresses.read_addresses(said)


def test_a_host_without_the_program_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OrthancTlsError, match="install the package iproute2"):
        own_addresses.own_addresses()
