# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers of a hand-made configuration: those of the fleet are found by name and address, the others are said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from configured_by_hand import Hosts, adopted, converged

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

WARD: Hosts = MappingProxyType(
    {
        "pacs": {"ansible_host": "10.20.0.5", "orthanc_fqdn": "pacs.example.org"},
        "edge": {"ansible_host": "10.20.0.6", "orthanc_fqdn": "edge.example.org"},
    }
)
LOGIN = {"Username": "peer", "Password": "peers-password"}


def notices(folder: Path, hosts: Hosts = WARD, **settings: Any) -> str:
    return "\n".join(adopted(folder, hosts, **settings).notices)


def called(folder: Path, url: str, hosts: Hosts = WARD) -> dict[str, Any]:
    variables = adopted(folder, hosts, OrthancPeers={"archive": [url]}).variables
    return {name: variables[name] for name in ("orthanc_peers", "orthanc_external_peers") if name in variables}


def test_a_peer_that_is_called_by_its_address_is_a_host_of_the_fleet(tmp_path: Path) -> None:
    adoption = adopted(
        tmp_path,
        WARD,
        RemoteAccessAllowed=True,
        AuthenticationEnabled=True,
        RegisteredUsers={"peer": "peers-password"},
        OrthancPeers={"edge": ["http://10.20.0.6:8042/", "peer", "peers-password"]},
        DicomWeb={"Servers": {"edge": {"Url": "http://10.20.0.6:8042/dicom-web/", **LOGIN}}},
    )
    assert adoption.variables["orthanc_peers"] == ["edge"]
    assert "orthanc_external_peers" not in adoption.variables
    assert "DicomWeb" not in adoption.variables["orthanc_config"]
    settings = converged(adoption, WARD)
    assert settings["OrthancPeers"]["edge"]["Url"] == "https://edge.example.org/"
    assert settings["DicomWeb"]["Servers"]["edge"]["Url"] == "https://edge.example.org/dicom-web/"
    assert not any("plain HTTP (" in notice for notice in adoption.notices)
    said = "The host edge is called as the user peer today. If it has several users, set orthanc_peer_user: peer there."
    assert adoption.notices.count(said) == 1


SAME = {
    "address": "http://10.20.0.6:8042/",
    "name with a dot at its end": "http://EDGE.example.org.:8042/",
    "inventory name": "http://edge:8042/",
    "login in the URL": "http://peer:peers-password@10.20.0.6:8042/",
    "no scheme": "10.20.0.6:8042",
}


@pytest.mark.parametrize("url", SAME.values(), ids=SAME)
def test_the_other_name_of_a_host_of_the_fleet_stays_and_leads_to_its_certificate(tmp_path: Path, url: str) -> None:
    found = called(tmp_path, url)
    assert found["orthanc_peers"] == ["edge"]
    assert found["orthanc_external_peers"]["archive"]["url"] == "https://edge.example.org/"


def test_an_address_that_is_in_no_certificate_is_called_by_name(tmp_path: Path) -> None:
    builtin = {**WARD, "edge": {**WARD["edge"], "orthanc_tls_mode": "builtin"}}
    for url in ("http://10.20.0.6:8042/", "https://10.20.0.6:8042/"):
        assert (
            called(tmp_path, url, builtin)["orthanc_external_peers"]["archive"]["url"]
            == "https://edge.example.org:8042/"
        )
    named = {**WARD, "edge": {**builtin["edge"], "orthanc_subject_alt_names": ["IP:10.20.0.6"]}}
    assert called(tmp_path, "http://10.20.0.6:8042/", named)["orthanc_external_peers"]["archive"]["url"] == (
        "https://10.20.0.6:8042/"
    )


def test_an_ipv6_address_is_found_however_it_is_written(tmp_path: Path) -> None:
    hosts = {**WARD, "edge": {**WARD["edge"], "ansible_host": "2001:db8::6"}}
    assert called(tmp_path, "http://[2001:DB8:0:0::6]:8042/", hosts)["orthanc_peers"] == ["edge"]


UNCERTAIN: dict[str, tuple[str, dict[str, Mapping[str, Any]], str]] = {
    "two hosts behind one address": (
        "http://10.20.0.6:8042/",
        {**WARD, "lab": {"ansible_host": "10.20.0.6", "ansible_port": 2222}},
        "edge or lab",
    ),
    "a short name": ("http://gate:8042/", {**WARD, "gate.example.org": {}}, "gate.example.org"),
    "a long name": ("http://lab.example.org:8042/", {**WARD, "lab": {}}, "lab"),
}


@pytest.mark.parametrize(("url", "hosts", "said"), UNCERTAIN.values(), ids=UNCERTAIN)
def test_where_no_match_is_certain_the_peer_stays_outside_and_that_is_said(
    tmp_path: Path, url: str, hosts: dict[str, dict[str, Any]], said: str
) -> None:
    assert called(tmp_path, url, hosts) == {"orthanc_external_peers": {"archive": {"url": url}}}
    text = notices(tmp_path, hosts, OrthancPeers={"archive": [url]})
    assert f"which may be {said} of the inventory" in text and "orthanc_subject_alt_names" in text


@pytest.mark.parametrize("url", ["http://localhost:9080/", "http://127.0.0.1:9080/", "http://10.20.0.5:9080/"])
def test_the_machine_itself_is_no_peer_of_the_fleet(tmp_path: Path, url: str) -> None:
    hosts = {**WARD, "edge": {"ansible_host": "127.0.0.1"}, "lab": {"ansible_host": "localhost"}}
    assert called(tmp_path, url, hosts) == {"orthanc_external_peers": {"archive": {"url": url}}}


def test_another_port_than_the_hosts_own_is_said(tmp_path: Path) -> None:
    text = notices(tmp_path, OrthancPeers={"edge": ["http://10.20.0.6:9999/"]})
    assert "taken for the host edge, whose port is 443, and not 9999" in text
    assert "taken for" not in notices(tmp_path, OrthancPeers={"edge": ["http://10.20.0.6:8042/"]})


PLAIN: dict[str, tuple[dict[str, Any], str]] = {
    "a peer with a password": (
        {"OrthancPeers": {"x": ["http://x.example.net:8042/", "jane", "janes-password"]}},
        "studies and the password of the user jane cross the network unencrypted",
    ),
    "a peer with a password in its URL": (
        {"OrthancPeers": {"x": ["http://jane:janes-password@x.example.net/"]}},
        "studies and the password of the user jane cross the network unencrypted",
    ),
    "a peer without one": ({"OrthancPeers": {"x": ["http://x.example.net/"]}}, "studies cross the network unencrypted"),
    "a DICOMweb server": (
        {"DicomWeb": {"Servers": {"x": ["http://x.example.net/dw/", "jane", "janes-password"]}}},
        "The DICOMweb server x is called by plain HTTP (x.example.net): studies and the password",
    ),
    "a peer with keys of a plugin": (
        {"OrthancPeers": {"x": {"Url": "http://x.example.net/", "RemoteSelf": "me"}}},
        "The peer x is called by plain HTTP (x.example.net)",
    ),
}


@pytest.mark.parametrize(("settings", "said"), PLAIN.values(), ids=PLAIN)
def test_what_goes_to_others_by_plain_http_is_said_and_its_password_is_not(
    tmp_path: Path, settings: dict[str, Any], said: str
) -> None:
    text = notices(tmp_path, **settings)
    assert said in text and "janes-password" not in text
    assert "plain HTTP (" not in notices(tmp_path, OrthancPeers={"x": ["http://localhost:9080/", "jane", "pw"]})


def test_peers_in_odd_forms_become_peers_outside_the_fleet(tmp_path: Path) -> None:
    capitals = {"URL": "https://a.example.net/", "Username": "u", "Password": "p"}
    adoption = adopted(tmp_path, OrthancPeers={"capitals": capitals, "in-url": ["https://u:p@b.example.net/orthanc/"]})
    peers = converged(adoption)["OrthancPeers"]
    assert (peers["capitals"]["Url"], peers["capitals"]["Username"]) == ("https://a.example.net/", "u")
    assert (peers["in-url"]["Url"], peers["in-url"]["Username"]) == ("https://b.example.net/orthanc/", "u")
    assert set(adoption.secrets) == {"vault_orthanc_peers_capitals_password", "vault_orthanc_peers_in_url_password"}


@pytest.mark.parametrize(
    "entry", [["https://x.example.net/", "u", ""], {"Url": "https://x.example.net/", "Username": "u"}]
)
def test_a_user_with_an_empty_password_stays_one(tmp_path: Path, entry: Any) -> None:
    settings = converged(adopted(tmp_path, OrthancPeers={"x": entry}))
    assert (settings["OrthancPeers"]["x"]["Username"], settings["OrthancPeers"]["x"]["Password"]) == ("u", "")


def test_a_url_that_is_a_secret_goes_to_the_vault_and_is_compared_with_nothing(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, WARD, OrthancPeers={"x": ["https://token@10.20.0.6/"]})
    assert list(adoption.secrets) == ["vault_orthanc_peers_x_url"]
    assert any("The peer x has a secret in its URL" in notice for notice in adoption.notices)
    assert "token" not in repr(adoption)


def test_a_dicomweb_server_with_another_user_than_its_peer_keeps_its_own(tmp_path: Path) -> None:
    peers = {"x": ["https://x.example.net/", "jane", "p"]}
    server = {"Url": "https://x.example.net/dicom-web/", "Username": "web", "Password": "q"}
    settings = converged(adopted(tmp_path, OrthancPeers=peers, DicomWeb={"Servers": {"x": server}}))
    assert settings["OrthancPeers"]["x"]["Username"] == "jane"
    assert settings["DicomWeb"]["Servers"]["x"]["Username"] == "web"


def test_one_name_for_a_host_and_for_another_server_is_an_error_before_anything_is_written(tmp_path: Path) -> None:
    peers = {"edge": ["https://edge.example.net/"], "archive": ["http://10.20.0.6:8042/"]}
    with pytest.raises(OrthancTlsError, match=r"pacs: its OrthancPeers call another server 'edge'.*Rename the peer"):
        adopted(tmp_path, WARD, OrthancPeers=peers)


def test_each_host_is_resolved_once_however_many_peers_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved: list[str] = []
    node = Fleet.node

    def counted(fleet: Fleet, host: str) -> Node:
        resolved.append(host)
        return node(fleet, host)

    monkeypatch.setattr(Fleet, "node", counted)
    adopted(tmp_path, WARD, OrthancPeers={f"p{number}": [f"https://p{number}.example.net/"] for number in range(50)})
    assert resolved.count("edge") == 1
