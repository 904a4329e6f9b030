# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.filter.fleet import fleet as fleet_view
from ansible_collections.openimaging.orthanc.plugins.filter.fleet import issuer_trust
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.host_names import general_name
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import peer_name
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

HOSPITAL = "-----BEGIN CERTIFICATE-----"
CERTIFICATE = "/etc/orthanc/tls/current/server.pem"
ROLES = pathlib.Path(__file__).parents[3] / "roles"


def fleet(**hosts: dict[str, Any]) -> Fleet:
    return Fleet(hosts, {"orthanc": list(hosts), "all": list(hosts)})


def test_a_host_without_variables_has_the_documented_defaults() -> None:
    node = fleet(archive={}).node("archive")
    assert (node.fqdn, node.url, node.tls_mode, node.client_auth) == (
        "archive",
        "https://archive/",
        "frontend",
        "required",
    )
    assert node.names == ("DNS:archive",)


def test_the_urls_of_a_front_end_carry_port_and_prefix_only_where_they_differ_from_the_usual() -> None:
    front = {"frontend_https_port": 8443, "frontend_path_prefix": "/orthanc/", "frontend_server_names": ["pacs.test"]}
    node = fleet(a=front).node("a")
    assert node.url == "https://a:8443/orthanc/"
    assert node.plain_url == "http://a:8443/orthanc/"
    assert node.names == ("DNS:a", "DNS:pacs.test")
    assert fleet(a={**front, "orthanc_tls_mode": "builtin"}).node("a").url == "https://a:8042/"


def test_peers_may_be_hosts_and_groups_and_are_listed_once_in_order() -> None:
    hosts: dict[str, dict[str, Any]] = {"a": {"orthanc_peers": ["c", "edges", "c"]}, "b": {}, "c": {}, "d": {}}
    view = Fleet(hosts, {"orthanc": list(hosts), "edges": ["a", "b", "c"]})
    assert view.node("a").peers == ("c", "b")


def test_only_the_hosts_that_are_asked_for_are_read() -> None:
    class OnlyNeighbours(dict[str, Any]):
        def __getitem__(self, host: str) -> Any:
            assert host in ("a", "b"), f"read {host}, which is nobody's business here"
            return super().__getitem__(host)

    hosts = OnlyNeighbours({"a": {"orthanc_peers": ["b"]}, "b": {}, "far": {"orthanc_tls_mode": "nonsense"}})
    peers = Fleet(hosts, {"orthanc": list(hosts)}).peers("a", CERTIFICATE)
    assert [peer.name for peer in peers] == ["b"]


def test_an_address_and_an_ipv6_address_can_be_a_hosts_name() -> None:
    view = fleet(**{"192.0.2.7": {}, "six": {"orthanc_fqdn": "2001:db8::7"}})
    assert view.node("192.0.2.7").names == ("IP:192.0.2.7",)
    assert view.node("six").url == "https://[2001:db8::7]/"


def test_a_fleet_peer_carries_url_certificate_and_the_registered_user() -> None:
    view = fleet(
        edge={"orthanc_peers": ["pacs.example.org"]},
        **{
            "pacs.example.org": {
                "orthanc_tls_mode": "builtin",
                "orthanc_http_port": 8443,
                "orthanc_config": {"RegisteredUsers": {"fleet": "s3cret"}},
            }
        },
    )
    (peer,) = view.peers("edge", CERTIFICATE)
    assert peer.name == "pacs_example_org"
    assert peer.dicom_web_url == "https://pacs.example.org:8443/dicom-web/"
    assert peer.settings == {
        "Url": "https://pacs.example.org:8443/",
        "CertificateFile": CERTIFICATE,
        "Username": "fleet",
        "Password": "s3cret",
    }
    assert "s3cret" not in repr(peer)
    assert "s3cret" not in repr(view.node("pacs.example.org"))


def test_an_external_peer_takes_every_documented_key() -> None:
    entry = {
        "url": "https://pacs.example.net/orthanc",
        "username": "u",
        "password": "p",
        "certificate_key_password": "k",
        "http_headers": {"X": "1"},
        "timeout": 30,
        "ca_certificates": "PEM",
        "dicom_web_url": "https://pacs.example.net/dw/",
    }
    (peer,) = fleet(edge={"orthanc_external_peers": {"pacs": entry}}).peers("edge", CERTIFICATE)
    assert peer.host is None
    assert peer.ca_certificates == ("PEM",)
    assert peer.settings == {
        "Url": "https://pacs.example.net/orthanc/",
        "Username": "u",
        "Password": "p",
        "CertificateKeyPassword": "k",
        "HttpHeaders": {"X": "1"},
        "Timeout": 30,
        "CertificateFile": CERTIFICATE,
    }


def test_whose_servers_a_host_trusts_is_said_by_its_peers_and_by_the_inventory() -> None:
    hosts = {
        "a": {
            "orthanc_external_peers": {"x": {"url": "https://x/", "ca_certificates": "CA OF X"}},
            "identity_server_ca_certificates": ["CA OF OTHERS"],
        }
    }
    view = fleet_view("a", hosts, {"orthanc": ["a"]})
    assert view["server_ca_certificates"] == ["CA OF X", "CA OF OTHERS"]
    assert view["pinned_clients"] == view["pinned_servers"] == view["pinned_hosts"] == []


def test_a_server_certificate_of_another_issuer_is_trusted_by_its_host_and_by_those_that_call_it() -> None:
    own = {"path": "/srv/server.pem", "ca_certificates": HOSPITAL}
    hosts: dict[str, dict[str, Any]] = {
        "pacs": {"orthanc_tls_mode": "builtin", "orthanc_server_certificate": own, "orthanc_peers": ["ct"]},
        "ct": {"orthanc_peers": ["pacs"]},
        "other": {"orthanc_peers": ["ct"]},
    }
    groups = {"orthanc": list(hosts)}
    views = {host: fleet_view(host, hosts, groups) for host in hosts}
    assert {host: view["server_ca_certificates"] for host, view in views.items()} == {
        "pacs": [HOSPITAL],
        "ct": [HOSPITAL],
        "other": [],
    }
    assert [views[host]["server_certificate"] for host in ("pacs", "ct")] == ["/srv/server.pem", ""]


def test_hosts_of_different_cas_trust_the_ca_of_whom_they_call_and_of_who_calls_them() -> None:
    stated = {"orthanc_issuer_ca_certificates": [HOSPITAL]}
    hosts: dict[str, dict[str, Any]] = {
        "pacs": {"orthanc_issuer": "command", **stated},
        "caller": {"orthanc_peers": ["pacs"], **stated},
        "called": {},
        "stranger": {"orthanc_peers": ["called"], "identity_client_ca_certificates": "CA OF CLIENTS"},
    }
    hosts["pacs"]["orthanc_peers"] = ["called"]
    groups = {"orthanc": list(hosts)}
    trust = {host: issuer_trust(host, hosts, groups) for host in hosts}
    servers = {host: fleet_view(host, hosts, groups)["server_ca_certificates"] for host in hosts}
    assert [trust[host]["issuer"] for host in hosts] == [[HOSPITAL], [], [], []], "stated for those who use it"
    assert [trust[host]["clients"] for host in hosts] == [[], [], [HOSPITAL], ["CA OF CLIENTS"]]
    assert [servers[host] for host in hosts] == [[], [HOSPITAL], [], []]


def test_where_nodes_sign_for_themselves_the_view_says_whom_they_trust() -> None:
    issuer = {"orthanc_issuer": "selfsigned"}
    hosts: dict[str, dict[str, Any]] = {"a": {**issuer, "orthanc_peers": ["b"]}, "b": issuer}
    view = fleet_view("b", hosts, {"orthanc": ["a", "b"]})
    assert (view["pinned_clients"], view["pinned_servers"], view["pinned_hosts"]) == (["b", "a"], ["b"], ["a"])


BAD_INVENTORIES: dict[str, tuple[dict[str, Any], str]] = {
    "start timeout": ({"a": {"orthanc_start_timeout": "26m"}}, "orthanc_start_timeout is '26m'; expected 25m at most"),
    "restart grace": (
        {"a": {"orthanc_restart_grace": "3m"}},
        "a: orthanc_restart_grace is '3m' with orthanc_start_timeout",
    ),
    "restart grace text": ({"a": {"orthanc_restart_grace": "soon"}}, "a: orthanc_restart_grace is 'soon', which is no"),
    "start timeout text": ({"a": {"orthanc_start_timeout": 90}}, "a: orthanc_start_timeout is 90, which is no dur"),
    "itself": ({"a": {"orthanc_peers": ["a"]}}, "a: orthanc_peers lists the host itself"),
    "unknown": ({"a": {"orthanc_peers": ["b"]}}, "a: orthanc_peers lists 'b', which is neither a host"),
    "mode": (
        {"a": {"orthanc_tls_mode": "bultin"}},
        "a: orthanc_tls_mode is 'bultin'; it must be one of: frontend, bui",
    ),
    "auth": ({"a": {"frontend_client_auth": False}}, "a: frontend_client_auth is 'False'; it must be one of: required"),
    "builtin auth": (
        {"a": {"orthanc_tls_mode": "builtin", "orthanc_client_auth": "optional"}},
        "a: orthanc_client_auth is 'optional'; it must be one of: required, none",
    ),
    "prefix": ({"a": {"frontend_path_prefix": "orthanc"}}, "a: frontend_path_prefix is 'orthanc'; it must be '/' or"),
    "port": ({"a": {"orthanc_http_port": 0}}, "a: orthanc_http_port is '0'; it must be a TCP port"),
    "port text": ({"a": {"orthanc_http_port": "https"}}, "a: orthanc_http_port is 'https'"),
    "users": ({"a": {"orthanc_config": {"RegisteredUsers": ["me"]}}}, "RegisteredUsers must be a dictionary"),
    "peer user": ({"a": {"orthanc_peer_user": "x"}}, "a: orthanc_peer_user is 'x', who is not in"),
    "closed peer": (
        {"a": {"orthanc_peers": ["b"]}, "b": {"frontend_client_auth": "none"}},
        "a: orthanc_peers lists 'b', which answers only itself",
    ),
    "many users": (
        {"a": {"orthanc_peers": ["b"]}, "b": {"orthanc_config": {"RegisteredUsers": {"x": "1", "y": "2"}}}},
        "b: orthanc_config.RegisteredUsers has 2 users",
    ),
    "clash": (
        {"a": {"orthanc_peers": ["p.x", "p_x"]}, "p.x": {}, "p_x": {"orthanc_fqdn": "px"}},
        "a: the host 'p.x' and the host 'p_x' would both be the Orthanc peer 'p_x'",
    ),
    "external clash": (
        {"a": {"orthanc_peers": ["b"], "orthanc_external_peers": {"b": {"url": "https://b/"}}}, "b": {}},
        "a: the host 'b' and orthanc_external_peers['b'] would both be",
    ),
    "external key": (
        {"a": {"orthanc_external_peers": {"b": {"url": "https://b/", "user": "x"}}}},
        "orthanc_external_peers['b'] has the unknown key 'user'; known are",
    ),
    "external required": (
        {"a": {"orthanc_external_peers": {"b": {"url": "https://b/", "required": "sometimes"}}}},
        "orthanc_external_peers['b'] has required: 'sometimes'; it must be true or false.",
    ),
    "external url": ({"a": {"orthanc_external_peers": {"b": {"url": "b:80"}}}}, "needs a 'url' that begins with"),
    "external login": (
        {"a": {"orthanc_external_peers": {"b": {"url": "https://b/", "username": "x"}}}},
        "needs both 'username' and 'password'",
    ),
    "server certificate's keys": (
        {"a": {"orthanc_server_certificate": {"path": "/s.pem"}}},
        "a: orthanc_server_certificate must be a dictionary with the keys 'path' and 'ca_certificates'",
    ),
    "server certificate's path": (
        {
            "a": {
                "orthanc_tls_mode": "builtin",
                "orthanc_server_certificate": {"path": "s.pem", "ca_certificates": HOSPITAL},
            }
        },
        "a: orthanc_server_certificate.path is 's.pem'; it must be an absolute path",
    ),
    "server certificate's trust": (
        {
            "a": {
                "orthanc_tls_mode": "builtin",
                "orthanc_server_certificate": {"path": "/s.pem", "ca_certificates": "/ca"},
            }
        },
        "a: orthanc_server_certificate.ca_certificates must be PEM text of at least one certificate",
    ),
    "server certificate's trust in a list": (
        {
            "a": {
                "orthanc_tls_mode": "builtin",
                "orthanc_server_certificate": {"path": "/s.pem", "ca_certificates": [HOSPITAL, "/ca"]},
            }
        },
        "a: orthanc_server_certificate.ca_certificates must be PEM text of at least one certificate",
    ),
    "server certificate without trust": (
        {
            "a": {
                "orthanc_tls_mode": "builtin",
                "orthanc_server_certificate": {"path": "/s.pem", "ca_certificates": None},
            }
        },
        "a: orthanc_server_certificate.ca_certificates must be PEM text of at least one certificate",
    ),
    "server certificate's mode": (
        {"a": {"orthanc_server_certificate": {"path": "/s.pem", "ca_certificates": HOSPITAL}}},
        "a: orthanc_server_certificate is for orthanc_tls_mode: builtin, and this host's is 'frontend'",
    ),
    "one port for Orthanc and the front-end": (
        {"a": {"orthanc_http_port": 443}},
        "a: orthanc_http_port and frontend_https_port are both 443, and only one program can listen there",
    ),
    "one port for DICOM and HTTP": (
        {"a": {"orthanc_dicom_port": "8042", "orthanc_tls_mode": "builtin"}},
        "a: orthanc_http_port and orthanc_dicom_port are both 8042",
    ),
    "a name with an underscore": (
        {"a": {"orthanc_peers": ["ct_1"]}, "ct_1": {}},
        "ct_1: DNS name 'ct_1' has the bad label 'ct_1': expected 1 to 63 letters, digits and hyphens, no hyphen at "
        "either end, no underscore. It is the host's name in the inventory. Set orthanc_fqdn for this host",
    ),
    "a bad name": ({"a": {"orthanc_fqdn": "a_b.test"}}, "a: orthanc_fqdn: DNS name 'a_b.test' has the bad label 'a_b'"),
    "a wildcard as name": (
        {"a": {"orthanc_fqdn": "*.test.org"}},
        "a: orthanc_fqdn: DNS name '*.test.org' is a wildcard",
    ),
    "a bad server name": (
        {"a": {"frontend_server_names": ["x_y.test"]}},
        "a: frontend_server_names: DNS name 'x_y.test' has the bad label 'x_y'",
    ),
    "a name without a kind": (
        {"a": {"orthanc_subject_alt_names": ["pacs.test"]}},
        "a: orthanc_subject_alt_names: The name 'pacs.test' does not say what it is: write DNS:",
    ),
    "external name": ({"a": {"orthanc_external_peers": {"b c": {"url": "https://b/"}}}}, "rename it"),
}


@pytest.mark.parametrize(("hosts", "message"), BAD_INVENTORIES.values(), ids=BAD_INVENTORIES.keys())
def test_an_inventory_that_cannot_work_is_an_error_that_names_host_and_variable(
    hosts: dict[str, Any], message: str
) -> None:
    with pytest.raises(OrthancTlsError) as error:
        fleet(**hosts).peers("a", CERTIFICATE)
    assert message in str(error.value)


def test_orthanc_may_have_the_port_of_a_front_end_that_it_has_not() -> None:
    assert fleet(a={"orthanc_tls_mode": "builtin", "orthanc_http_port": 443}).node("a").url == "https://a/"


def test_a_host_whose_inventory_name_is_no_host_name_has_one_of_its_own() -> None:
    hosts: dict[str, dict[str, Any]] = {"a": {"orthanc_peers": ["ct_1"]}, "ct_1": {"orthanc_fqdn": "ct-1.ward.test"}}
    (peer,) = fleet(**hosts).peers("a", CERTIFICATE)
    assert (peer.name, peer.settings["Url"]) == ("ct_1", "https://ct-1.ward.test/")


def test_a_group_with_hosts_outside_the_fleet_is_refused() -> None:
    view = Fleet({"a": {"orthanc_peers": ["web"]}, "w": {}}, {"orthanc": ["a"], "web": ["w"]})
    with pytest.raises(OrthancTlsError, match="whose host 'w' is not in the group 'orthanc'"):
        view.node("a")


@given(st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?(\.[A-Za-z0-9]{1,10}){0,3}", fullmatch=True))
def test_every_host_name_becomes_a_name_that_orthanc_takes(host: str) -> None:
    assert set(peer_name(host)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


@given(st.ip_addresses())
def test_every_address_becomes_an_ip_name(address: Any) -> None:
    assert general_name(str(address)) == f"IP:{address}"
