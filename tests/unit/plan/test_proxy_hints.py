# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy by which calls to peers leave their way is said, and one that is not for them is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seen_node import looked, unit

from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import facts as nginx
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import Peer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.proxy_hints import is_exempt, proxy_hints


def peers() -> list[Peer]:
    hosts: dict[str, dict[str, Any]] = {
        "pacs": {"orthanc_peers": ["edge1", "edge2"]},
        "edge1": {"orthanc_fqdn": "edge1.example.org"},
        "edge2": {"orthanc_fqdn": "192.0.2.7"},
    }
    return Fleet(hosts, {"orthanc": list(hosts)}).peers("pacs", "/c.pem")


def hints(*proxies: str, no_proxy: str = "", **config: Any) -> list[str]:
    orthanc = replace(unit("/usr/sbin/Orthanc"), proxies=proxies, no_proxy=no_proxy)
    look = looked(units={location.UNIT: orthanc, nginx.UNIT: unit("/usr/sbin/nginx")})
    return proxy_hints(look, peers(), config)


def test_without_a_proxy_there_is_nothing_to_say() -> None:
    assert hints() == hints(HttpProxy="") == hints(no_proxy="*") == []


@pytest.mark.parametrize("name", ["https_proxy", "ALL_PROXY"])
def test_a_proxy_in_the_environment_is_named_with_the_peers_that_it_concerns(name: str) -> None:
    (hint,) = hints(name)
    assert f"'{name}' in its environment" in hint and "edge1" in hint and "edge2" in hint
    (one,) = hints(name, no_proxy="localhost,edge1.example.org")
    assert "edge2" in one and "edge1" not in one
    assert hints(name, no_proxy=".example.org 192.0.2.0/24") == []


def test_a_proxy_of_orthanc_s_own_settings_is_named_without_its_value() -> None:
    (hint,) = hints(HttpProxy="http://user:s3cret@proxy:3128")
    assert "HttpProxy in orthanc_config" in hint and "s3cret" not in hint


@pytest.mark.parametrize(
    ("host", "no_proxy", "exempt"),
    [
        ("a.example.org", "*", True),
        ("a.example.org", "a.example.org", True),
        ("a.example.org", "EXAMPLE.org", True),
        ("a.example.org", ".example.org", True),
        ("aexample.org", "example.org", False),
        ("a.example.org", "b.example.org, other", False),
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.0/28", True),
        ("192.0.2.70", "192.0.2.7", False),
        ("2001:db8::1", "[2001:db8::1]", True),
        ("a.example.org", "", False),
    ],
)
def test_hosts_are_exempt_as_libcurl_takes_it(host: str, no_proxy: str, exempt: bool) -> None:
    assert is_exempt(host, no_proxy) is exempt


@given(st.text())
def test_whatever_a_node_says_is_read(no_proxy: str) -> None:
    assert is_exempt("a.example.org", no_proxy) in (True, False)
