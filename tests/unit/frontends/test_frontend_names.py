# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of hosts in nginx's words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.filter.frontend import certificate_hosts, nginx_server_names
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.frontends.nginx_names import asked_name, server_name

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
HOST = st.lists(LABEL, min_size=1, max_size=6).map(".".join)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Pacs.Example.org", "pacs.example.org"),
        ("*.example.org", "*.example.org"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0:0::7", "[2001:db8::7]"),
    ],
)
def test_names_are_written_as_nginx_compares_them(name: str, written: str) -> None:
    assert server_name(name) == written


def test_a_name_too_long_for_the_hash_becomes_a_regular_expression_of_itself() -> None:
    name = "a" * 30 + ".radiology.hospital.example.org"
    written = server_name(name)
    assert written.startswith('"~^')
    assert re.fullmatch(written.strip('"~'), name)
    assert not re.fullmatch(written.strip('"~'), name.replace(".", "x"))


@pytest.mark.parametrize("name", ["a b", "a;", "{}", "~x", "$host", "bücher.example", "", "-a", "a..b", "x.*", 'a"'])
def test_what_is_no_host_name_never_reaches_nginx(name: str) -> None:
    with pytest.raises(OrthancTlsError, match="frontend_server_names"):
        server_name(name)


@given(HOST)
def test_the_pattern_of_a_name_matches_that_name_alone(name: str) -> None:
    assert re.fullmatch(asked_name(name), name)
    assert not re.fullmatch(asked_name(name), "x" + name)


def test_the_pattern_of_a_wildcard_matches_one_label_as_certificates_do() -> None:
    assert re.fullmatch(asked_name("*.example.org"), "a.example.org")
    assert not re.fullmatch(asked_name("*.example.org"), "a.b.example.org")


def test_hosts_of_a_certificate_are_its_names_and_addresses() -> None:
    assert certificate_hosts(["DNS:a.org", "IP:2001:db8::1", "email:x@y", "URI:urn:z"]) == ["a.org", "2001:db8::1"]


def test_addresses_can_be_left_to_another_site() -> None:
    assert nginx_server_names(["a.org", "192.0.2.7"], False) == ["a.org"]
    assert nginx_server_names(["a.org", "192.0.2.7"], True) == ["a.org", "192.0.2.7"]
