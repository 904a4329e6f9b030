# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No two hosts have a name of certificates in common: each could pass for the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible.errors import AnsibleUndefinedVariable

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.shared_names import shared_names


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({"orthanc_fqdn": "pacs"}, {"orthanc_fqdn": "pacs"}, "DNS:pacs: a (orthanc_fqdn), b (orthanc_fqdn)"),
        ({"orthanc_fqdn": "B"}, {}, "DNS:b: a (orthanc_fqdn), b (inventory name)"),
        ({"orthanc_fqdn": "10.0.0.7"}, {"orthanc_subject_alt_names": ["IP:10.0.0.7"]}, "IP:10.0.0.7: a (orthanc_fqdn)"),
        (
            {"orthanc_fqdn": "2001:DB8:0::7"},
            {"orthanc_subject_alt_names": ["ip:2001:db8::7"]},
            "IP:2001:db8::7: a (orthanc_fqdn), b (orthanc_subject_alt_names)",
        ),
        (
            {"frontend_server_names": ["Images.Hospital.Test"]},
            {"orthanc_subject_alt_names": "DNS:images.hospital.test"},
            "DNS:images.hospital.test: a (frontend_server_names), b (orthanc_subject_alt_names)",
        ),
        ({"orthanc_fqdn": "bücher.test"}, {"orthanc_fqdn": "xn--bcher-kva.test"}, "DNS:xn--bcher-kva.test: a"),
        (
            {"orthanc_subject_alt_names": ["DNS:*.ward.test"]},
            {"orthanc_subject_alt_names": ["DNS:*.ward.test"]},
            "DNS:*.ward.test: a (orthanc_subject_alt_names), b (orthanc_subject_alt_names)",
        ),
        (
            {"orthanc_subject_alt_names": ["DNS:*.Ward.test"]},
            {"orthanc_fqdn": "ct.ward.test"},
            "DNS:ct.ward.test: a (orthanc_subject_alt_names, DNS:*.ward.test), b (orthanc_fqdn)",
        ),
        (
            {"orthanc_subject_alt_names": ["URI:urn:a"]},
            {"orthanc_subject_alt_names": ["URI:urn:a"]},
            "URI:urn:a: a (orthanc_subject_alt_names), b",
        ),
    ],
)
def test_a_name_of_two_hosts_is_refused_however_it_is_written(
    first: dict[str, Any], second: dict[str, Any], said: str
) -> None:
    complaint = shared_names({"a": first, "b": second, "c": {}})
    assert said in complaint
    assert "Give each host names of its own" in complaint


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"orthanc_fqdn": "pacs", "frontend_server_names": ["PACS"]}, {"orthanc_fqdn": "pacs2"}),
        ({"orthanc_subject_alt_names": ["DNS:localhost", "IP:127.0.0.1", "IP:::1"]},) * 2,
        ({"orthanc_subject_alt_names": ["DNS:a.localhost"]},) * 2,
        ({"orthanc_tls_mode": "builtin", "frontend_server_names": ["x"]},) * 2,
        ({"orthanc_subject_alt_names": ["DNS:*.ward.test"]}, {"orthanc_fqdn": "a.ct.ward.test"}),
    ],
)
def test_names_of_one_host_and_those_of_every_machine_are_no_matter(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert shared_names({"a": first, "b": second}) == ""


@pytest.mark.parametrize("value", [["pacs"], 7, {"DNS": "pacs"}, ["DNS:a_b"], [None], "", [["DNS:x"]]])
def test_what_is_no_name_is_left_to_the_check_of_that_host(value: object) -> None:
    assert shared_names({host: {"orthanc_subject_alt_names": value} for host in "ab"}) == ""


class Undefined(Mapping[str, Any]):
    """Variables of which one is made of another that is not there."""

    def __getitem__(self, name: str) -> Any:
        if name == "orthanc_fqdn":
            raise AnsibleUndefinedVariable("'domain' is undefined")
        return {"orthanc_subject_alt_names": ["DNS:pacs"]}[name]

    def __iter__(self) -> Iterator[str]:
        return iter(["orthanc_fqdn", "orthanc_subject_alt_names"])

    def __len__(self) -> int:
        return 2


def test_a_variable_that_cannot_be_resolved_is_left_to_the_check_of_that_host_and_hides_no_other() -> None:
    assert "DNS:pacs: a (orthanc_subject_alt_names), b" in shared_names(
        {"a": Undefined(), "b": {"orthanc_fqdn": "pacs"}}
    )


def test_every_shared_name_is_said_with_all_its_hosts_up_to_a_few() -> None:
    fleet: dict[str, dict[str, Any]] = {f"h{number}": {"orthanc_fqdn": "pacs"} for number in range(9)}
    fleet["h1"]["orthanc_subject_alt_names"] = fleet["h2"]["orthanc_subject_alt_names"] = ["IP:10.0.0.1"]
    complaint = shared_names(fleet)
    assert "DNS:pacs: h0 (orthanc_fqdn), h1 (orthanc_fqdn)" in complaint and "and 4 more" in complaint
    assert "IP:10.0.0.1: h1 (orthanc_subject_alt_names), h2 (orthanc_subject_alt_names)" in complaint
