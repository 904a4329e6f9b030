# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the drop-in of Orthanc's unit says of OpenSSL's store, from which civetweb takes CAs of clients as well."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import jinja2
import pytest
from ansible.plugins.filter.core import FilterModule as CoreFilters
from seen_node import node_of

TEMPLATE = Path(__file__).parents[3] / "roles/orthanc/templates/unit.conf.j2"
EMPTY = "Environment=SSL_CERT_FILE=/nonexistent SSL_CERT_DIR=/nonexistent"
MODES = [
    *itertools.product(["builtin"], ["required", "none"]),
    *itertools.product(["frontend"], ["required", "optional", "none"]),
]


def unit_file(mode: str, auth: str, trusts: Any) -> str:
    environment = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False)
    environment.filters.update(CoreFilters().filters())
    return environment.from_string(TEMPLATE.read_text()).render(
        __orthanc_fleet={"tls_mode": mode, "client_auth": auth},
        __orthanc_civetweb={"needed": True},
        __orthanc_folder="/etc/orthanc/managed",
        __orthanc_shim="/usr/local/lib/shim",
        orthanc_trust_system_cas=trusts,
    )


@pytest.mark.parametrize("trusts", [True, "true", False, "false"])
def test_where_orthanc_asks_clients_for_certificates_the_store_is_empty_whatever_is_asked_for(trusts: Any) -> None:
    assert EMPTY in unit_file("builtin", "required", trusts)


@pytest.mark.parametrize(("mode", "auth"), MODES[1:])
@pytest.mark.parametrize(("trusts", "empty"), [(True, False), ("yes", False), (False, True), ("false", True)])
def test_elsewhere_the_store_is_left_alone_only_if_that_is_asked_for(
    mode: str, auth: str, trusts: Any, empty: bool
) -> None:
    assert (EMPTY in unit_file(mode, auth, trusts)) is empty


@pytest.mark.parametrize(("mode", "auth"), MODES)
def test_a_node_that_would_trust_the_store_for_clients_is_told_from_all_others(mode: str, auth: str) -> None:
    variable = {"builtin": "orthanc_client_auth", "frontend": "frontend_client_auth"}[mode]
    node = node_of({"orthanc_tls_mode": mode, variable: auth})
    assert node.asks_clients_itself is ((mode, auth) == ("builtin", "required"))
