# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.options import read_probes
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.expectations import node_probes, pair_probes
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

IDENTITY = "/etc/orthanc/tls/current"
EXPIRED = "/expired.pem"


def probes(**variables: Any) -> dict[str, dict[str, Any]]:
    node = Fleet({"a": variables}, {"orthanc": ["a"]}).node("a")
    return {probe["name"]: probe for probe in node_probes(node, IDENTITY, EXPIRED)}


USERS = {"RegisteredUsers": {"alice": "x"}}
EVERY_NODE = {"its own certificate", "plain HTTP", "TLS 1.0", "TLS 1.1"}
STRANGERS = {"a client certificate of another CA", "an expired client certificate"}


@pytest.mark.parametrize(
    ("variables", "more"),
    [
        ({}, {*STRANGERS, "no client certificate"}),
        ({"frontend_client_auth": "optional"}, {*STRANGERS, "no client certificate"}),
        ({"frontend_client_auth": "none", "orthanc_config": USERS}, {"no password"}),
        ({"orthanc_tls_mode": "builtin"}, {*STRANGERS, "no client certificate"}),
        ({"orthanc_tls_mode": "builtin", "orthanc_client_auth": "none", "orthanc_config": USERS}, {"no password"}),
        ({"orthanc_config": USERS}, {*STRANGERS, "no client certificate", "no password"}),
    ],
)
def test_what_is_refused_follows_from_how_the_node_lets_clients_in(variables: dict[str, Any], more: set[str]) -> None:
    assert probes(**variables).keys() == EVERY_NODE | more


def test_where_nodes_sign_for_themselves_another_self_signed_certificate_is_refused_and_no_ca_is_asked() -> None:
    node = Fleet({"a": {"orthanc_issuer": "selfsigned"}}, {"orthanc": ["a"]}).node("a")
    made = {probe["name"]: probe for probe in node_probes(node, IDENTITY, None)}
    assert made["another self-signed certificate"]["forge"] == "self_signed"
    assert "an expired client certificate" not in made
    assert "another self-signed certificate" not in probes()


def test_only_an_optional_front_end_answers_without_a_certificate() -> None:
    assert probes()["no client certificate"]["expect"] == "refused"
    assert probes(frontend_client_auth="optional")["no client certificate"]["expect"] == "answered"


def test_nginx_refuses_with_a_status_and_orthanc_without_any() -> None:
    assert probes()["plain HTTP"]["status"] == [400]
    builtin = probes(orthanc_tls_mode="builtin")
    assert builtin["plain HTTP"]["status"] == builtin["plain HTTP"]["alerts"] == []
    assert builtin["an expired client certificate"]["alerts"] == ["certificate_expired"]


def test_a_password_never_travels_in_plain_http() -> None:
    assert not {"username", "password"} & probes(orthanc_config=USERS)["plain HTTP"].keys()


def test_every_refusal_stands_beside_the_answer_to_the_right_certificate() -> None:
    for probe in probes().values():
        assert (probe["expect"] == "refused") == ("control" in probe)


def test_the_probes_are_what_tls_probe_takes() -> None:
    plain = [probe for probe in probes().values() if not {"certificate", "ca_certificates"} & probe.keys()]
    assert [probe["name"] for probe in plain] == ["plain HTTP"]
    control = {**plain[0], "name": "its own certificate", "expect": "answered"}
    control.pop("control")
    assert len(read_probes([control, *plain])) == 2


def test_pairs_are_asked_directly_as_peer_and_as_dicomweb_server_and_only_those_that_take_part() -> None:
    hosts: dict[str, dict[str, Any]] = {
        "a": {"orthanc_peers": ["b", "c"], "orthanc_external_peers": {"x": {"url": "https://x.test/"}}},
        "b": {"orthanc_tls_mode": "builtin", "orthanc_config": {"RegisteredUsers": {"bob": "y"}}},
        "c": {},
    }
    view = Fleet(hosts, {"orthanc": list(hosts)})
    made = pair_probes(view.node("a"), view.peers("a", f"{IDENTITY}/server.pem"), IDENTITY, ["a", "b"])
    assert [probe["name"] for probe in made] == ["b by name", "peer b", "DICOMweb server b", "peer x"]
    direct = made[0]
    assert direct["url"] == "https://b:8042/system"
    assert (direct["username"], direct["password"]) == ("bob", "y")
    assert "connect_to" not in direct
