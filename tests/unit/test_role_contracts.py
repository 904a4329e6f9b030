# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs, role defaults, modules, the view of the fleet and docs/variables.md say the same of each variable."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from ansible_collections.openimaging.orthanc.plugins.filter.fleet import fleet as fleet_view
from ansible_collections.openimaging.orthanc.plugins.filter.fleet import orthanc_json
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.modules import ca, certificate
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import DEFAULTS
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.registry import ISSUERS
from ansible_collections.openimaging.orthanc.tests.variables_page import PAGE, page

ROLES = pathlib.Path(__file__).parents[2] / "roles"
NAMES = sorted(role.name for role in ROLES.iterdir())
GROUPS = {"orthanc": ["a", "b"]}
TYPES = {str: "str", int: "int", list: "list", dict: "dict", bool: "bool"}

# What no other host has to know of a host. A new variable belongs here, or into the view of the fleet.
OWN = {
    *("orthanc_unchecked_keys", "orthanc_replace_configuration", "orthanc_packages"),
    "orthanc_trust_system_cas",
    "orthanc_metrics_dir",
    *(
        "frontend_tls_profile",
        "frontend_http_port",
        "frontend_max_body_size",
        "frontend_packages",
        "frontend_nginx_lines",
    ),
    *("frontend_backend", "frontend_backend_threads", "frontend_identity_path"),
}


class Recorded(dict[str, Any]):
    """A host's variables, and which of them were asked for."""

    def __init__(self, variables: dict[str, Any]) -> None:
        super().__init__(variables)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


def specified(role: str) -> dict[str, dict[str, Any]]:
    """Every option of a role, whichever entry point takes it."""
    entry_points = yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    options = [entry.get("options", {}) for entry in entry_points.values()]
    return {name: option for some in options for name, option in some.items()}


def everywhere() -> dict[str, dict[str, Any]]:
    return {name: option for role in NAMES for name, option in specified(role).items()}


def asked_of_hosts() -> set[str]:
    """What the view asks for of any host, in both modes and with every issuer."""
    asked: set[str] = set()
    for mode, issuer in itertools.product(["frontend", "builtin"], ISSUERS):
        common = {"orthanc_tls_mode": mode, "orthanc_issuer": issuer}
        hosts = {"a": Recorded({**common, "orthanc_peers": ["b"]}), "b": Recorded(common)}
        fleet_view("a", hosts, GROUPS)
        orthanc_json("a", hosts, GROUPS, "/identity")
        asked |= hosts["a"].asked | hosts["b"].asked
    return asked


@pytest.mark.parametrize("role", NAMES)
def test_a_roles_defaults_are_those_that_its_argument_spec_documents(role: str) -> None:
    defaults = yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text())
    documented = {name: option["default"] for name, option in specified(role).items() if "default" in option}
    assert defaults == documented


@pytest.mark.parametrize("role", NAMES)
def test_a_variable_without_a_default_is_required_or_says_what_it_means_to_leave_it_out(role: str) -> None:
    optional = {name for name, it in specified(role).items() if "default" not in it and not it.get("required")}
    assert optional <= {"orthanc_fqdn", "orthanc_peer_user"}


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_the_view_assumes_of_other_hosts_what_the_argument_spec_documents(name: str) -> None:
    option = everywhere()[name]
    assert DEFAULTS[name] == option["default"]
    assert TYPES[type(DEFAULTS[name])] == option["type"]


def test_the_view_asks_for_no_variable_that_users_cannot_look_up() -> None:
    assert asked_of_hosts() <= set(everywhere())


def test_the_view_asks_for_every_variable_that_it_has_a_default_for() -> None:
    others = {"orthanc_fqdn", "orthanc_peer_user", "identity_server_ca_certificates"}
    assert asked_of_hosts() == set(DEFAULTS) | others


def test_every_variable_is_in_the_view_or_is_the_hosts_own_business() -> None:
    ours = {name for role in ("orthanc", "frontend") for name in specified(role)}
    assert ours - asked_of_hosts() == OWN


def choices() -> Iterator[tuple[str, list[str]]]:
    for name in DEFAULTS:
        if "choices" in (option := everywhere()[name]):
            yield name, option["choices"]


@pytest.mark.parametrize(("name", "documented"), list(choices()))
def test_the_view_takes_the_documented_choices_and_no_others(name: str, documented: list[str]) -> None:
    mode = {} if name == "orthanc_tls_mode" else {"orthanc_tls_mode": "builtin" if name[0] == "o" else "frontend"}
    for choice in documented:
        Fleet({"a": {**mode, name: choice}}, {"orthanc": ["a"]}).node("a")
    with pytest.raises(OrthancTlsError) as error:
        Fleet({"a": {**mode, name: "nonsense"}}, {"orthanc": ["a"]}).node("a")
    assert f"it must be one of: {', '.join(documented)}." in str(error.value)


@pytest.mark.parametrize(("role", "module"), [("identity", certificate), ("ca", ca)], ids=["identity", "ca"])
def test_a_role_around_one_module_takes_what_the_module_takes(role: str, module: Any) -> None:
    kept = ("type", "elements", "choices")
    for name, option in specified(role).items():
        if name == "ca_state":  # the rest of the states is for rollover.yml
            continue
        taken = module.ARGUMENT_SPEC[name.removeprefix(f"{role}_")]
        assert {key: option.get(key) for key in kept} == {key: taken.get(key) for key in kept}, name


def test_the_page_of_variables_is_what_the_argument_specs_make_of_it() -> None:
    assert PAGE.read_text() == page(), "Run 'make variables', which writes docs/variables.md anew, and commit that."
