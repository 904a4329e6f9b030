# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's own variables mean what they say, whatever wrote them."""

from __future__ import annotations

from typing import Any

import pytest
from seen_node import node_of

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.host_settings import HostSettings

DEFAULTS: dict[str, Any] = {
    "orthanc_packages": ["orthanc"],
    "frontend_packages": ["nginx"],
    "frontend_http_port": 80,
    "orthanc_replace_configuration": False,
    "orthanc_trust_system_cas": False,
    "frontend_tls_profile": "intermediate",
    "frontend_max_body_size": "0",
    "frontend_nginx_lines": [],
    "orthanc_metrics_dir": "",
}


def settings(**variables: Any) -> HostSettings:
    return HostSettings.of("pacs", {**DEFAULTS, **variables})


@pytest.mark.parametrize(
    ("said", "meant"), [("false", False), ("no", False), ("true", True), (False, False), ("1", True)]
)
def test_text_from_ini_or_the_command_line_replaces_a_configuration_only_if_it_says_so(said: Any, meant: bool) -> None:
    assert settings(orthanc_replace_configuration=said).replaces_configuration is meant


def test_a_port_and_a_list_as_text_are_a_port_and_a_list() -> None:
    found = settings(frontend_http_port="8080", orthanc_packages="orthanc,orthanc-dicomweb")
    assert (found.frontend_http_port, found.orthanc_packages) == (8080, ("orthanc", "orthanc-dicomweb"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("frontend_http_port", "eighty"),
        ("frontend_http_port", 65536),
        ("orthanc_metrics_dir", "relative"),
        ("orthanc_metrics_dir", "/with a blank"),
        ("frontend_tls_profile", "modernn"),
        ("frontend_tls_profile", True),
        ("frontend_tls_profile", ["modern"]),
        ("frontend_max_body_size", "50 GB"),
        ("frontend_max_body_size", "1g; return 200"),
        ("frontend_max_body_size", None),
        ("frontend_packages", "[]"),
        ("orthanc_packages", None),
        ("orthanc_replace_configuration", "perhaps"),
        ("orthanc_trust_system_cas", "some"),
        ("frontend_packages", {"nginx": 1}),
    ],
)
def test_a_value_that_means_nothing_is_an_error_that_names_host_and_variable(name: str, value: Any) -> None:
    with pytest.raises(OrthancTlsError, match=f"pacs: {name} is "):
        settings(**{name: value})


@pytest.mark.parametrize(
    ("variables", "blocked"),
    [
        ({"orthanc_tls_mode": "builtin"}, True),
        ({"orthanc_tls_mode": "builtin", "orthanc_client_auth": "none"}, False),
        ({"frontend_client_auth": "required"}, False),
    ],
    ids=["asks clients itself", "asks nobody", "front-end"],
)
def test_the_system_s_cas_are_refused_where_they_would_let_clients_in(variables: dict[str, Any], blocked: bool) -> None:
    node = node_of(variables)
    assert settings().blockers(node) == []
    found = settings(orthanc_trust_system_cas="true").blockers(node)
    assert [("every CA in the system's store" in one.what, "Set it to false" in one.remedy) for one in found] == (
        [(True, True)] if blocked else []
    )


def test_lines_for_nginx_that_are_not_whole_are_an_error_that_names_host_and_variable() -> None:
    assert settings(frontend_nginx_lines="return 404;").nginx_lines == ("return 404;",)
    with pytest.raises(OrthancTlsError, match=r"^pacs: frontend_nginx_lines: in entry 1, the last directive has no"):
        settings(frontend_nginx_lines=["return 404"])


@pytest.mark.parametrize("size", ["0", 0, "512k", "50g", "2M", 1048576])
def test_a_body_s_size_is_one_that_nginx_takes(size: Any) -> None:
    assert settings(frontend_max_body_size=size).max_body_size == str(size)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (8080, "frontend_nginx_lines is 8080"),
        ({"add_header": "X-Site north"}, "frontend_nginx_lines is a dictionary"),
        (["return 404;", {"add_header": "X"}], "frontend_nginx_lines: entry 2 is a dictionary"),
        ([404], "frontend_nginx_lines: entry 1 is 404"),
    ],
)
def test_lines_for_nginx_that_are_no_texts_are_named(lines: Any, said: str) -> None:
    with pytest.raises(OrthancTlsError, match=f"^pacs: {said}"):
        settings(frontend_nginx_lines=lines)


def test_all_wrong_values_of_a_host_are_said_at_once() -> None:
    with pytest.raises(OrthancTlsError) as error:
        settings(
            frontend_http_port="eighty",
            frontend_tls_profile="modernn",
            frontend_max_body_size="50 GB",
            frontend_nginx_lines=["return 404"],
        )
    assert [line.partition(" is ")[0].partition(": in ")[0] for line in str(error.value).splitlines()] == [
        "pacs: frontend_http_port",
        "pacs: frontend_tls_profile",
        "pacs: frontend_max_body_size",
        "pacs: frontend_nginx_lines",
    ]
