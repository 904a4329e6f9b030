# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is wrong with the values of an inventory is said at once, each once, by the names that users wrote."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from documented_yaml import ROOT

from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.node_texts import ROLES
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wrong_inventory import Inventory, wrong_inventory

SECRET = "not-to-be-shown"
DEFAULTS = {
    name: value
    for role in ROLES
    for name, value in yaml.safe_load((ROOT / "roles" / role / "defaults/main.yml").read_text()).items()
}
GOOD = {"orthanc_ca_dir": "/srv/ca"}


def lines(**hosts: dict[str, Any]) -> list[str]:
    """What is said of hosts with these variables."""
    hostvars = {host: GOOD | its for host, its in hosts.items()}
    identity = {name: option for name, option in ARGUMENT_SPEC.items() if name != "enrolment"}
    return wrong_inventory(
        Inventory(hostvars, {"orthanc": [*hosts]}, DEFAULTS, identity, [*hosts]), [*hosts]
    ).splitlines()


def test_nothing_is_said_of_a_good_inventory() -> None:
    assert lines(a={"orthanc_peers": ["b"], "orthanc_tls_mode": "builtin"}, b={"identity_lifetime": "20d"}) == []


def test_every_wrong_variable_of_a_host_is_named_at_once() -> None:
    said = lines(
        a={
            "orthanc_http_port": 99999,
            "orthanc_dicom_port": "x",
            "orthanc_issuer": "locl",
            "orthanc_dicom_aet": "SEVENTEEN-LETTERS",
            "orthanc_peers": ["pax"],
            "orthanc_start_timeout": "soon",
            "orthanc_external_peers": {"clinic": {"url": "ftp://x", "password": SECRET}, "b.c": {"url": "https://b/"}},
            "orthanc_config": {"StableAge": "60", "DicomModalities": {"ct": ["CT", "h", "x104"]}},
            "frontend_path_prefix": "orthanc",
            "frontend_http_port": "eighty",
            "frontend_tls_profile": "modernn",
            "frontend_max_body_size": "50 GB",
            "frontend_nginx_lines": ["return 404"],
            "orthanc_ca_dir": "ca",
        }
    )
    for variable in (
        "orthanc_http_port is '99999'",
        "orthanc_dicom_port is 'x'",
        "orthanc_issuer is 'locl'",
        "orthanc_dicom_aet is 'SEVENTEEN-LETTERS'",
        "orthanc_peers lists 'pax'",
        "orthanc_start_timeout is 'soon'",
        "orthanc_external_peers['clinic'] needs a 'url'",
        "orthanc_external_peers['b.c']: Orthanc takes letters",
        "orthanc_config.StableAge is a text",
        "orthanc_config.DicomModalities.ct.Port is 'x104'",
        "frontend_path_prefix is 'orthanc'",
        "frontend_http_port is 'eighty'",
        "frontend_tls_profile is 'modernn'; it must be one of: intermediate, modern, dicom.",
        "frontend_max_body_size is '50 GB'",
        "frontend_nginx_lines: in entry 1, the last directive has no",
        "orthanc_ca_dir is 'ca', which is relative",
    ):
        assert len([line for line in said if line.startswith(f"a: {variable}")]) == 1, said
    assert len(said) == 16
    assert SECRET not in "\n".join(said)


def test_what_several_hosts_have_wrong_is_said_once_with_their_names() -> None:
    wrong = {"orthanc_tls_mode": "builtn"}
    assert lines(a=wrong, b=wrong) == [
        "every host: orthanc_tls_mode is 'builtn'; it must be one of: frontend, builtin."
    ]
    (line,) = lines(a=wrong, b={}, c=wrong)
    assert line.startswith("a, c: orthanc_tls_mode is 'builtn'")


def test_an_error_of_a_peer_is_said_once_and_of_the_host_that_has_it() -> None:
    (line,) = lines(a={"orthanc_peers": ["b"]}, b={"orthanc_http_port": 0}, c={"orthanc_peers": ["b"]})
    assert line.startswith("b: orthanc_http_port is '0'")


def test_variables_that_are_wrong_only_together_are_named() -> None:
    (line,) = lines(a={"orthanc_http_port": 4242})
    assert line.startswith("a: orthanc_http_port and orthanc_dicom_port are both 4242")
    (line,) = lines(a={"orthanc_peer_user": "jane"})
    assert line.startswith("a: orthanc_peer_user is 'jane', who is not in")
    assert lines(a={"orthanc_peer_user": "jane", "orthanc_config": {"RegisteredUsers": {"jane": SECRET}}}) == []


def test_an_orthanc_open_to_everybody_is_said_before_any_host_is_looked_at() -> None:
    (line,) = lines(a={"orthanc_config": {"AuthenticationEnabled": True}})
    assert "let in orthanc/orthanc" in line


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"identity_lifetime": 180}, "a: identity_lifetime is '180', which is no duration"),
        (
            {"identity_lifetime": "20d", "identity_renew_before": "20d"},
            "a: identity_renew_before is '20d', which is not shorter than identity_lifetime ('20d')",
        ),
        ({"identity_key_type": "rsa-1024"}, "a: value of identity_key_type must be one of: ecdsa-p256, "),
    ],
)
def test_an_identity_s_options_have_the_names_of_the_user_s_variables(variables: dict[str, Any], said: str) -> None:
    (line,) = lines(a=variables)
    assert line.startswith(said)


def test_a_fleet_needs_a_ca_folder_s_path() -> None:
    (line,) = lines(a={"orthanc_ca_dir": None})
    assert line == "a: orthanc_ca_dir is not set; it must be an absolute path on the control node."
