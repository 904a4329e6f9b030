# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.options import read_probes
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.expectations import (
    front_probe,
    health_probe,
    known_peers,
    node_expectations,
    own_probe,
    pair_expectations,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import Peer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet


def node_probes(node: Node, identity: str, expired_client: str | None) -> list[dict[str, Any]]:
    return [expectation.probe for expectation in node_expectations(node, identity, expired_client)]


def pair_probes(node: Node, peers: list[Peer], identity: str, reached: list[str]) -> list[dict[str, Any]]:
    return [expectation.probe for expectation in pair_expectations(node, peers, identity, reached)]


IDENTITY = "/etc/orthanc/tls/current"
EXPIRED = "/expired.pem"


def probes(**variables: Any) -> dict[str, dict[str, Any]]:
    node = Fleet({"a": variables}, {"orthanc": ["a"]}).node("a")
    return {probe["name"]: probe for probe in node_probes(node, IDENTITY, EXPIRED)}


USERS = {"RegisteredUsers": {"alice": "x"}}
EVERY_NODE = {"its own certificate", "plain HTTP", "TLS 1.0", "TLS 1.1"}
OWN_PORT = {"Orthanc behind the front-end", "port 8042"}
SYSTEM_CA = "a client of a CA in the system's store"
STRANGERS = {"a client certificate of another CA", "an expired client certificate"}


@pytest.mark.parametrize(
    ("variables", "more"),
    [
        ({}, {*STRANGERS, "no client certificate", *OWN_PORT}),
        ({"frontend_client_auth": "optional"}, {*STRANGERS, "no client certificate", *OWN_PORT}),
        ({"frontend_client_auth": "none", "orthanc_config": USERS}, {"no password", *OWN_PORT}),
        ({"orthanc_tls_mode": "builtin"}, {*STRANGERS, "no client certificate", SYSTEM_CA}),
        ({"orthanc_tls_mode": "builtin", "orthanc_client_auth": "none", "orthanc_config": USERS}, {"no password"}),
        ({"orthanc_tls_mode": "builtin", "orthanc_client_auth": "none"}, {"port 8042"}),
        ({"orthanc_config": USERS}, {*STRANGERS, "no client certificate", "no password", *OWN_PORT}),
    ],
)
def test_what_is_refused_follows_from_how_the_node_lets_clients_in(variables: dict[str, Any], more: set[str]) -> None:
    assert probes(**variables).keys() == EVERY_NODE | more


def node(**variables: Any) -> Node:
    return Fleet({"a": variables}, {"orthanc": ["a"]}).node("a")


OK = {"expect": "answered", "status": [200]}
LOGIN = {"username": "alice", "password": "x"}
OWN = {
    "name": "its own certificate",
    "connect_to": "127.0.0.1",
    "certificate": f"{IDENTITY}/server.pem",
    "ca_certificates": f"{IDENTITY}/server-trust.pem",
    **OK,
}


@pytest.mark.parametrize(
    ("variables", "url"),
    [({}, "https://a/system"), ({"orthanc_tls_mode": "builtin"}, "https://a:8042/system")],
    ids=["frontend", "builtin"],
)
@pytest.mark.parametrize(("users", "login"), [({}, {}), (USERS, LOGIN)], ids=["open", "users"])
def test_what_speaks_tls_must_answer_200_to_the_node_s_own_certificate_and_user(
    variables: dict[str, Any], url: str, users: dict[str, Any], login: dict[str, str]
) -> None:
    assert own_probe(node(**variables, orthanc_config=users), IDENTITY) == {**OWN, "url": url, **login}


@pytest.mark.parametrize(("users", "login"), [({}, {}), (USERS, LOGIN)], ids=["open", "users"])
def test_orthanc_is_asked_itself_in_plain_http_behind_a_front_end_and_by_tls_where_it_speaks_tls(
    users: dict[str, Any], login: dict[str, str]
) -> None:
    behind = health_probe(node(orthanc_http_port=8043, orthanc_config=users), IDENTITY)
    assert behind == {
        "name": "Orthanc behind the front-end",
        "url": "http://127.0.0.1:8043/system",
        **OK,
        **login,
    }
    builtin = node(orthanc_tls_mode="builtin", orthanc_config=users)
    assert health_probe(builtin, IDENTITY) == own_probe(builtin, IDENTITY)


@pytest.mark.parametrize("mode", ["frontend", "builtin"])
def test_without_a_password_the_answer_is_401_and_the_certificate_is_the_right_one(mode: str) -> None:
    refused = probes(orthanc_tls_mode=mode, orthanc_config=USERS)["no password"]
    assert (refused["expect"], refused["status"], refused["control"]) == ("refused", [401], OWN["name"])
    assert refused["certificate"] == OWN["certificate"] and not refused.keys() & LOGIN.keys()


REFUSALS: dict[str, tuple[dict[str, str], list[str]]] = {
    "no client certificate": ({}, ["certificate_required", "handshake_failure"]),
    "a client certificate of another CA": ({"forge": "unknown_ca"}, ["unknown_ca"]),
    "another self-signed certificate": ({"forge": "self_signed"}, ["unknown_ca"]),
    "an expired client certificate": ({"certificate": EXPIRED}, ["certificate_expired"]),
    "plain HTTP": ({}, []),
}


@pytest.mark.parametrize("mode", ["frontend", "builtin"])
@pytest.mark.parametrize("name", REFUSALS)
def test_each_wrong_client_comes_with_that_wrong_alone_and_is_refused_in_the_engine_s_own_way(
    mode: str, name: str
) -> None:
    presented, alerts = REFUSALS[name]
    probe = probes(orthanc_tls_mode=mode, orthanc_issuer="selfsigned")[name]
    assert {key: probe[key] for key in ("certificate", "forge") if key in probe} == presented
    assert (probe["expect"], probe["control"]) == ("refused", OWN["name"])
    assert (probe["status"], probe.get("alerts")) == (([400], None) if mode == "frontend" else ([], alerts))
    assert (
        probe["url"]
        == {
            ("frontend", False): "https://a/system",
            ("frontend", True): "http://a:443/system",
            ("builtin", False): "https://a:8042/system",
            ("builtin", True): "http://a:8042/system",
        }[mode, name == "plain HTTP"]
    )


@pytest.mark.parametrize("mode", ["frontend", "builtin"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_old_tls_is_offered_with_all_that_is_right_and_refused_by_an_alert(mode: str, version: str) -> None:
    own = own_probe(node(orthanc_tls_mode=mode, orthanc_config=USERS), IDENTITY)
    refused = {"expect": "refused", "status": [], "alerts": ["protocol_version"], "control": OWN["name"]}
    probe = probes(orthanc_tls_mode=mode, orthanc_config=USERS)[f"TLS {version}"]
    assert probe == {**own, **refused, "name": f"TLS {version}", "tls_maximum": version}


def test_where_nodes_sign_for_themselves_another_self_signed_certificate_is_refused_and_no_ca_is_asked() -> None:
    node = Fleet({"a": {"orthanc_issuer": "selfsigned"}}, {"orthanc": ["a"]}).node("a")
    made = {probe["name"]: probe for probe in node_probes(node, IDENTITY, None)}
    assert made["another self-signed certificate"]["forge"] == "self_signed"
    assert "an expired client certificate" not in made
    assert "another self-signed certificate" not in probes()


def test_a_client_of_a_ca_in_the_system_s_store_is_refused_as_one_of_a_ca_that_nobody_knows() -> None:
    probe = probes(orthanc_tls_mode="builtin")[SYSTEM_CA]
    assert (probe["forge"], probe["forge_except"]) == ("system_ca", f"{IDENTITY}/client-trust.pem")
    assert (probe["expect"], probe["status"], probe["alerts"]) == ("refused", [], ["unknown_ca"])
    assert SYSTEM_CA in probes(orthanc_tls_mode="builtin", orthanc_issuer="selfsigned")
    assert SYSTEM_CA not in probes(orthanc_tls_mode="builtin", orthanc_client_auth="none")


def test_only_an_optional_front_end_answers_without_a_certificate() -> None:
    assert probes()["no client certificate"]["expect"] == "refused"
    assert probes(frontend_client_auth="optional")["no client certificate"]["expect"] == "answered"


def test_nginx_refuses_with_a_status_and_orthanc_without_any() -> None:
    assert probes()["plain HTTP"]["status"] == [400]
    builtin = probes(orthanc_tls_mode="builtin")
    assert builtin["plain HTTP"]["status"] == builtin["plain HTTP"]["alerts"] == []
    assert builtin["an expired client certificate"]["alerts"] == ["certificate_expired"]


def test_a_password_never_leaves_the_node_in_plain_http() -> None:
    for probe in probes(orthanc_config=USERS).values():
        if probe["url"].startswith("http:") and probe.get("connect_to") != "127.0.0.1":
            assert not {"username", "password"} & probe.keys()


def test_every_refusal_stands_beside_an_answer() -> None:
    for probe in probes().values():
        assert (probe["expect"] != "answered") == ("control" in probe)


def test_behind_a_front_end_orthanc_s_port_answers_the_node_itself_and_none_of_its_other_addresses() -> None:
    made = probes(orthanc_fqdn="a.test", orthanc_http_port=8043, orthanc_config=USERS)
    control, outside = made["Orthanc behind the front-end"], made["port 8043"]
    assert control["url"] == outside["url"] == "http://a.test:8043/system"
    assert (control["connect_to"], control["expect"], control["username"]) == ("127.0.0.1", "answered", "alice")
    assert outside["own_addresses"] is True
    assert (outside["expect"], outside["status"], outside["control"]) == ("no_access", [401, 403], control["name"])


def test_a_node_that_speaks_tls_for_itself_alone_is_tried_like_that_as_well() -> None:
    outside = probes(orthanc_tls_mode="builtin", orthanc_client_auth="none")["port 8042"]
    assert (outside["url"], outside["expect"]) == ("https://a:8042/system", "no_access")
    assert outside["control"] == "its own certificate"
    assert not {"certificate", "connect_to"} & outside.keys()


@pytest.mark.parametrize("variables", [{}, {"orthanc_tls_mode": "builtin", "orthanc_client_auth": "none"}])
def test_tls_probe_takes_the_probes_of_orthanc_s_own_port(variables: dict[str, Any]) -> None:
    made = [
        {**probe, "ca_certificates": None, "certificate": None}
        for probe in probes(**variables).values()
        if probe["name"] in {*OWN_PORT, "its own certificate"}
    ]
    assert any(probe.name.startswith("port 8042") for probe in read_probes(made))


def test_the_probes_are_what_tls_probe_takes() -> None:
    plain = [probes()["plain HTTP"]]
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
    assert "username" not in made[1] and (made[1]["url"], made[1]["status"]) == ("https://a/peers/b/system", [200])
    assert (made[2]["url"], made[2]["method"]) == ("https://a/dicom-web/servers/b/get", "POST")
    assert json.loads(made[2]["body"]) == {"Uri": "/studies", "Arguments": {"limit": "1"}}
    assert {probe["expect"] for probe in made} == {"answered"} and all(probe["status"] == [200] for probe in made)


def test_a_peer_that_is_not_required_is_asked_in_both_ways_and_fails_in_neither() -> None:
    entry = {"url": "https://x.test/", "dicom_web_url": "https://x.test/dw/"}
    for given, required in ({}, [True, True]), ({"required": False}, [False, False]):
        view = Fleet({"a": {"orthanc_external_peers": {"x": {**entry, **given}}}}, {"orthanc": ["a"]})
        made = pair_probes(view.node("a"), view.peers("a", "/c.pem"), IDENTITY, ["a"])
        assert [probe["name"] for probe in made] == ["peer x", "DICOMweb server x"]
        assert [probe.get("required", True) for probe in made] == required
        made = [{key: one[key] for key in one if key not in ("certificate", "ca_certificates")} for one in made]
        assert [probe.required for probe in read_probes(made)] == required


def test_orthanc_s_own_port_behind_a_peer_s_front_end_is_tried_from_here() -> None:
    hosts: dict[str, dict[str, Any]] = {"a": {"orthanc_peers": ["b"]}, "b": {"orthanc_config": USERS}}
    view = Fleet(hosts, {"orthanc": list(hosts)})
    made = pair_probes(view.node("a"), view.peers("a", f"{IDENTITY}/server.pem"), IDENTITY, ["a", "b"])
    assert made[1] == {
        "name": "port 8042 of b",
        "url": "http://b:8042/system",
        "expect": "no_access",
        "status": [401, 403],
        "control": "b by name",
    }


FILTERS: dict[str, dict[str, Any]] = {
    "the authorization plugin": {"Authorization": {"WebServiceRootUrl": "http://127.0.0.1:8000/"}},
    "a Lua script": {"LuaScripts": ["/srv/filter.lua"]},
    "a Python script": {"PythonScript": "/srv/filter.py"},
    "a Python script in a section": {"Python": {"Path": "/srv/filter.py"}},
}


@pytest.mark.parametrize("config", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("mode", ["frontend", "builtin"])
def test_where_a_filter_may_decide_its_refusal_is_an_answer(mode: str, config: dict[str, Any]) -> None:
    filtering = node(orthanc_tls_mode=mode, orthanc_config={**config, **USERS})
    assert health_probe(filtering, IDENTITY)["status"] == own_probe(filtering, IDENTITY)["status"] == [200, 403]
    assert front_probe(filtering, IDENTITY)["status"] == [200, 401, 403]
    refused = {probe["name"]: probe for probe in node_probes(filtering, IDENTITY, EXPIRED)}
    assert 403 not in refused["no client certificate"]["status"] and refused["no password"]["status"] == [401]
    assert 403 not in own_probe(node(orthanc_config={"Authorization": {}, "LuaScripts": []}), IDENTITY)["status"]


def test_the_refusal_of_a_peer_s_filter_is_an_answer_and_that_of_its_own_is_none() -> None:
    hosts: dict[str, dict[str, Any]] = {"a": {"orthanc_peers": ["b"]}, "b": {}}
    for filtering, by_name, relayed in (("a", [200], [200]), ("b", [200, 403], [200, 403])):
        variables = {**hosts, filtering: {**hosts[filtering], "orthanc_config": {"LuaScripts": ["/srv/filter.lua"]}}}
        fleet = Fleet(variables, {"orthanc": ["a", "b"]})
        pairs = pair_probes(fleet.node("a"), fleet.peers("a", "/c.pem"), IDENTITY, ["a", "b"])
        statuses = {probe["name"]: probe["status"] for probe in pairs}
        assert (statuses["b by name"], statuses["peer b"]) == (by_name, relayed)
        assert statuses["DICOMweb server b"] == relayed


NAMES = {
    "frontend_server_names": ["images.a.test", "192.0.2.7"],
    "orthanc_subject_alt_names": ["IP:192.0.2.8", "DNS:*.b.test"],
}


@pytest.mark.parametrize(
    ("variables", "urls"),
    [
        (NAMES, ["https://images.a.test/system", "https://192.0.2.7/system", "https://any.b.test/system"]),
        (
            {**NAMES, "frontend_https_port": 8443, "frontend_server_names": "i.a"},
            ["https://i.a:8443/system", "https://any.b.test:8443/system"],
        ),
        ({**NAMES, "orthanc_tls_mode": "builtin"}, ["https://192.0.2.8:8042/system", "https://any.b.test:8042/system"]),
    ],
    ids=["a front-end", "another port", "built-in"],
)
def test_every_name_is_tried_that_the_node_serves(variables: dict[str, Any], urls: list[str]) -> None:
    made = [probe for name, probe in probes(**variables).items() if name.startswith("as ")]
    assert [probe["url"] for probe in made] == urls
    assert all(probe["connect_to"] == "127.0.0.1" and probe["status"] == [200] for probe in made)


def test_a_certificate_of_another_issuer_promises_the_first_name_alone() -> None:
    other = {"path": "/srv/own.pem", "ca_certificates": "-----BEGIN CERTIFICATE-----"}
    made = probes(
        orthanc_tls_mode="builtin", orthanc_server_certificate=other, **{"orthanc_subject_alt_names": ["DNS:b"]}
    )
    assert not [name for name in made if name.startswith("as ")]


def test_each_expectation_names_what_its_failure_may_come_from_and_whom_it_asks() -> None:
    hosts: dict[str, dict[str, Any]] = {
        "a": {"orthanc_peers": ["b"], "orthanc_external_peers": {"x": {"url": "https://x.test/"}}},
        "b": {},
    }
    view = Fleet(hosts, {"orthanc": ["a", "b"]})
    made = {
        one.probe["name"]: one
        for one in [
            *node_expectations(view.node("a"), IDENTITY, EXPIRED),
            known_peers(view.node("a"), IDENTITY),
            *pair_expectations(view.node("a"), view.peers("a", "/c.pem"), IDENTITY, ["a", "b"]),
        ]
    }
    assert made["its own certificate"].rests_on == ("Orthanc behind the front-end",)
    assert made["Orthanc behind the front-end"].rests_on == ()
    assert made["TLS 1.1"].rests_on == made["peers as Orthanc knows them"].rests_on == ("its own certificate",)
    assert (made["b by name"].asks, made["b by name"].relayed, made["b by name"].rests_on) == ("b", False, ())
    assert made["peer b"].rests_on == ("b by name", "URL of peer b", "its own certificate") and made["peer b"].relayed
    assert made["DICOMweb server b"].rests_on[0] == "peer b" and made["DICOMweb server b"].relayed
    assert (made["peer x"].asks, made["peer x"].rests_on) == (None, ("its own certificate",))


def test_orthanc_is_asked_where_it_believes_its_peers_to_be() -> None:
    probe = known_peers(node(frontend_path_prefix="/orthanc/"), IDENTITY).probe
    assert (probe["url"], probe["return_json"]) == ("https://a/orthanc/peers?expand", True)
