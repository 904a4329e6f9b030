# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hand-made configuration becomes: nothing is lost, nobody is let in anew, no password is in the open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from configured_by_hand import answered
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st
from made_certificates import made

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.unit import Unit
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.host_vars import host_vars_text
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.secrets import Reference, vault_variables
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.variables import Adoption, adopt
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.orthanc.settings import orthanc_settings

HOSTS: dict[str, dict[str, Any]] = {
    "a": {"orthanc_tls_mode": "builtin"},
    "b": {"orthanc_tls_mode": "builtin", "orthanc_fqdn": "b.example.org"},
    "front": {"orthanc_subject_alt_names": ["IP:192.0.2.7"]},
}


def fleet(**more: Any) -> Fleet:
    return Fleet({**HOSTS, "a": {**HOSTS["a"], **more}}, {"orthanc": list(HOSTS)})


def taken(folder: Path, **settings: Any) -> Adoption:
    (folder / "orthanc.json").write_text(json.dumps(settings))
    return adopt(answered(Unit(str(folder), {}, ())), "a", fleet())


def test_the_packages_own_configuration_leaves_nothing_but_the_folders_of_the_studies(tmp_path: Path) -> None:
    packaged = {"Name": "Orthanc", "StableAge": 60, "SslEnabled": False, "HttpPort": 8042, "RegisteredUsers": {}}
    storage = {"StorageDirectory": "/var/lib/orthanc/db-v6", "IndexDirectory": "/var/lib/orthanc/db-v6"}
    adoption = taken(tmp_path, **packaged, **storage, Plugins=["/usr/share/orthanc/plugins/"], HttpsCACertificates="")
    assert adoption.variables == {"orthanc_replace_configuration": True, "orthanc_config": storage}


def test_settings_ports_and_names_are_taken_over(tmp_path: Path) -> None:
    adoption = taken(tmp_path, HttpPort=8043, DicomPort=4343, DicomAet="PACS", StableAge=5, StorageDirectory="/srv")
    variables = adoption.variables
    assert (variables["orthanc_http_port"], variables["orthanc_dicom_port"]) == (8043, 4343)
    assert variables["orthanc_dicom_aet"] == "PACS"
    assert variables["orthanc_config"] == {"StorageDirectory": "/srv", "IndexDirectory": "/srv", "StableAge": 5}


def test_a_port_is_kept_where_the_group_says_another_one(tmp_path: Path) -> None:
    (tmp_path / "orthanc.json").write_text("{}")
    found = answered(Unit(str(tmp_path), {}, ()))
    assert adopt(found, "a", fleet(orthanc_http_port=8443)).variables["orthanc_http_port"] == 8042


def test_what_the_collection_does_not_know_is_kept_and_said(tmp_path: Path) -> None:
    adoption = taken(tmp_path, MyPlugin={"x": 1})
    assert adoption.variables["orthanc_config"]["MyPlugin"] == {"x": 1}
    assert adoption.variables["orthanc_unchecked_keys"] == ["MyPlugin"]
    assert "MyPlugin" in adoption.notices[-1]


def test_of_the_dicomweb_section_only_what_differs_from_the_defaults_is_kept(tmp_path: Path) -> None:
    ours = {"Enable": True, "Host": "", "Ssl": False, "Root": "/dicom-web/", "WadoRoot": "/wado"}
    adoption = taken(tmp_path, DicomWeb={**ours, "EnableWado": False, "StudiesMetadata": "Full"})
    assert adoption.variables["orthanc_config"]["DicomWeb"] == {"EnableWado": False, "StudiesMetadata": "Full"}
    assert "DicomWeb" not in taken(tmp_path, DicomWeb=ours).variables["orthanc_config"]
    moved = taken(tmp_path, DicomWeb={"Root": "/dw/", "WadoRoot": "/w"}).variables["orthanc_config"]
    assert moved["DicomWeb"] == {"Root": "/dw/", "WadoRoot": "/w"}


def test_where_no_password_is_asked_for_today_none_is_asked_for_from_now_on(tmp_path: Path) -> None:
    users: dict[str, Any] = {"RegisteredUsers": {"x": "y"}, "SslEnabled": True, "SslVerifyPeers": True}
    off = taken(tmp_path, AuthenticationEnabled=False, RemoteAccessAllowed=True, **users).variables["orthanc_config"]
    assert off["AuthenticationEnabled"] is False
    view = fleet(orthanc_config={"RegisteredUsers": {"x": "y"}})
    settings = orthanc_settings(view.node("a"), (), {**off, "RegisteredUsers": {"x": "y"}}, identity="/i")
    assert settings["AuthenticationEnabled"] is False
    on = taken(tmp_path, AuthenticationEnabled=True, RemoteAccessAllowed=True, **users).variables["orthanc_config"]
    assert "AuthenticationEnabled" not in on


ACCESS: dict[str, tuple[dict[str, Any], str | None, str | None]] = {
    "mutual TLS": ({"SslVerifyPeers": True, "RemoteAccessAllowed": True}, "required", None),
    "users": ({"RemoteAccessAllowed": True, "RegisteredUsers": {"x": "y"}}, "none", None),
    "itself only": ({}, "none", None),
    "open": ({"RemoteAccessAllowed": True, "AuthenticationEnabled": False}, None, "Whoever reaches its port"),
    "default user": ({"RemoteAccessAllowed": True}, None, "lets in orthanc/orthanc today"),
}


@pytest.mark.parametrize(("settings", "auth", "notice"), ACCESS.values(), ids=ACCESS)
def test_whoever_comes_in_today_comes_in_and_nobody_without_certificate_and_password(
    tmp_path: Path, settings: dict[str, Any], auth: str | None, notice: str | None
) -> None:
    adoption = taken(tmp_path, SslEnabled=True, **settings)
    assert adoption.variables["orthanc_tls_mode"] == "builtin"
    assert adoption.variables.get("orthanc_client_auth") == auth
    assert (notice is None) or any(notice in text for text in adoption.notices)


@pytest.mark.parametrize("settings", [case[0] for case in ACCESS.values()], ids=ACCESS)
def test_what_comes_of_it_is_an_inventory_that_the_role_takes(tmp_path: Path, settings: dict[str, Any]) -> None:
    variables = {**HOSTS["a"], **taken(tmp_path, SslEnabled=True, **settings).variables}
    view = Fleet({**HOSTS, "a": variables}, {"orthanc": list(HOSTS)})
    made_settings = orthanc_settings(
        view.node("a"), view.peers("a", "/i/server.pem"), variables["orthanc_config"], identity="/i"
    )
    assert made_settings["StorageDirectory"] == str(tmp_path / "OrthancStorage")


def test_trusted_certificates_stay_trusted_each_for_its_side(tmp_path: Path) -> None:
    clients, servers = made("clients", ca=True), made("servers", ca=True)
    (tmp_path / "clients.pem").write_bytes(clients.cert_pem)
    (tmp_path / "servers.pem").write_bytes(servers.cert_pem)
    trust = {"SslTrustedClientCertificates": "clients.pem", "HttpsCACertificates": "servers.pem"}
    variables = taken(tmp_path, SslEnabled=True, SslVerifyPeers=True, **trust).variables
    assert variables["identity_client_ca_certificates"] == [clients.cert_pem.decode()]
    assert variables["identity_server_ca_certificates"] == [servers.cert_pem.decode()]
    unused = taken(tmp_path, SslEnabled=True, SslVerifyPeers=False, **trust).variables
    assert "identity_client_ca_certificates" not in unused, "it was not asked for certificates, so none opened a door"
    plain = taken(tmp_path, SslEnabled=False, SslVerifyPeers=True, **trust)
    assert "identity_client_ca_certificates" not in plain.variables
    assert any("SslEnabled is off" in notice for notice in plain.notices)


def test_a_server_certificate_that_goes_is_named_before(tmp_path: Path) -> None:
    old = made("pacs.example.org")
    (tmp_path / "server.pem").write_bytes(old.key_pem + old.cert_pem)
    adoption = taken(tmp_path, SslEnabled=True, SslCertificate="server.pem")
    assert adoption.replaces_certificate
    assert any("CN=pacs.example.org" in notice and "SHA-256" in notice for notice in adoption.notices)
    assert not taken(tmp_path, SslEnabled=False, SslCertificate="server.pem").replaces_certificate


def served(folder: Path, *pems: bytes, new_certificate: bool = False, **settings: Any) -> Adoption:
    (folder / "server.pem").write_bytes(b"".join(pems))
    configuration = {"SslEnabled": True, "SslCertificate": "server.pem", **settings}
    (folder / "orthanc.json").write_text(json.dumps(configuration))
    found = answered(Unit(str(folder), {}, ()))
    return adopt(found, "b", fleet(), new_certificate=new_certificate)


@pytest.mark.parametrize("names", [["DNS:b.example.org"], ["IP:192.0.2.1", "DNS:*.example.org"], []])
def test_a_server_certificate_that_names_its_host_is_kept(tmp_path: Path, names: list[str]) -> None:
    own = made("B.Example.org", names=names)
    adoption = served(tmp_path, own.key_pem, own.cert_pem)
    assert not adoption.replaces_certificate
    kept = {"path": str(tmp_path / "server.pem"), "ca_certificates": own.cert_pem.decode()}
    assert adoption.variables["orthanc_server_certificate"] == kept
    assert any("CN=B.Example.org" in notice and "is kept" in notice for notice in adoption.notices)


def test_one_of_the_hospitals_ca_is_trusted_by_its_root_and_opens_no_door_for_clients(tmp_path: Path) -> None:
    root = made("Hospital root", ca=True)
    issuing = made("Hospital issuing", root, ca=True)
    own = made("b", issuing, names=["DNS:b.example.org"], usages=[ExtendedKeyUsageOID.SERVER_AUTH])
    (tmp_path / "known.pem").write_bytes(made("Another", ca=True).cert_pem + root.cert_pem)
    pems = (own.key_pem, own.cert_pem, issuing.cert_pem)
    adoption = served(tmp_path, *pems, HttpsCACertificates="known.pem")
    assert adoption.variables["orthanc_server_certificate"]["ca_certificates"] == root.cert_pem.decode()
    assert "identity_client_ca_certificates" not in adoption.variables
    assert "Hospital issuing, is in none of" in " ".join(served(tmp_path, *pems).notices)
    both = served(tmp_path, *pems, root.cert_pem)
    assert both.variables["orthanc_server_certificate"]["ca_certificates"] == root.cert_pem.decode()


def test_what_the_server_does_not_send_its_callers_are_given(tmp_path: Path) -> None:
    root, other = made("Root", ca=True), made("Root", ca=True)
    issuing, crossed = made("Issuing", root, ca=True), made("Root", other, ca=True)
    own = made("b", issuing, names=["DNS:b.example.org"])
    (tmp_path / "known.pem").write_bytes(crossed.cert_pem + issuing.cert_pem + root.cert_pem)
    adoption = served(tmp_path, own.key_pem, own.cert_pem, HttpsCACertificates="known.pem")
    expected = (issuing.cert_pem + root.cert_pem).decode()
    assert adoption.variables["orthanc_server_certificate"]["ca_certificates"] == expected


UNUSABLE: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"names": ["DNS:example.org", "DNS:*.b.example.org"]}, "it does not name b.example.org"),
    "common name beside names": ({"names": ["DNS:other"]}, "it does not name b.example.org"),
    "expired": ({"names": ["DNS:b.example.org"], "days": (-9, -1)}, "it is not valid today"),
    "not yet valid": ({"names": ["DNS:b.example.org"], "days": (1, 9)}, "it is not valid today"),
    "any usage": (
        {"names": ["DNS:b.example.org"], "usages": [ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]},
        "it is for anyExtendedKeyUsage, and not for a server",
    ),
    "for clients": (
        {"names": ["DNS:b.example.org"], "usages": [ExtendedKeyUsageOID.CLIENT_AUTH]},
        "it is for clientAuth, and not for a server",
    ),
}


@pytest.mark.parametrize(("options", "why"), UNUSABLE.values(), ids=UNUSABLE)
def test_one_that_the_fleets_hosts_would_refuse_is_not_kept_and_the_reason_is_said(
    tmp_path: Path, options: dict[str, Any], why: str
) -> None:
    own = made("b.example.org", **options)
    adoption = served(tmp_path, own.key_pem, own.cert_pem)
    assert adoption.replaces_certificate and "orthanc_server_certificate" not in adoption.variables
    assert any(why in notice for notice in adoption.notices)


def test_a_file_in_which_something_is_wrong_is_not_kept(tmp_path: Path) -> None:
    own = made("b.example.org")
    adoption = served(tmp_path, own.key_pem, own.cert_pem, own.cert_pem)
    assert adoption.replaces_certificate
    assert any("is a duplicate" in notice for notice in adoption.notices)


def test_one_that_could_be_kept_goes_where_clients_are_said_to_be_ready(tmp_path: Path) -> None:
    own = made("b.example.org")
    adoption = served(tmp_path, own.key_pem, own.cert_pem, new_certificate=True)
    assert adoption.replaces_certificate and "orthanc_server_certificate" not in adoption.variables


def test_peers_of_the_fleet_become_orthanc_peers_and_keep_a_name_of_their_own(tmp_path: Path) -> None:
    peers = {
        "b": ["https://b.example.org:8042/"],
        "archive": {"Url": "http://b:8043/", "Username": "u", "Password": "p"},
        "by-address": ["http://192.0.2.7:8042/"],
        "elsewhere": {"Url": "https://x.example.net/", "CertificateFile": "/k.pem", "CertificateKeyPassword": "s"},
    }
    servers = {
        "b": ["https://b.example.org:8042/dicom-web/"],
        "elsewhere": ["https://x.example.net/dicom-web/"],
        "viewer": {"Url": "https://v.example.net/", "HasDelete": False},
    }
    adoption = taken(tmp_path, OrthancPeers=peers, DicomWeb={"Servers": servers})
    assert adoption.variables["orthanc_peers"] == ["b", "front"]
    external = adoption.variables["orthanc_external_peers"]
    assert external == {
        "archive": {
            "url": "https://b.example.org:8043/",
            "username": "u",
            "password": Reference("vault_orthanc_peers_archive_password"),
        },
        "by-address": {"url": "https://front/"},
        "elsewhere": {
            "url": "https://x.example.net/",
            "certificate_file": "/k.pem",
            "certificate_key_password": Reference("vault_orthanc_peers_elsewhere_certificatekeypassword"),
            "dicom_web_url": "https://x.example.net/dicom-web/",
        },
    }
    assert adoption.variables["orthanc_config"]["DicomWeb"]["Servers"] == {"viewer": servers["viewer"]}


def test_peers_that_are_not_asked_who_they_are_are_said(tmp_path: Path) -> None:
    assert any("HttpsVerifyPeers is off" in notice for notice in taken(tmp_path, HttpsVerifyPeers=False).notices)


def test_passwords_stand_in_the_other_file_alone(tmp_path: Path) -> None:
    settings = {"RegisteredUsers": {"alice.x": "one", "alice-x": "two"}, "PostgreSQL": {"Password": "three"}}
    (tmp_path / "orthanc.json").write_text(json.dumps(settings))
    unit = Unit(str(tmp_path), {}, ())
    adoption = adopt(answered(unit), "a", fleet())
    values = vault_variables(adoption.secrets, answered(unit, secrets=True)["secrets"])
    assert values == {
        "vault_orthanc_registeredusers_alice_x": "one",
        "vault_orthanc_registeredusers_alice_x_2": "two",
        "vault_orthanc_postgresql_password": "three",
    }
    text = host_vars_text("for people", adoption.variables)
    assert not {"one", "two", "three"} & set(text.replace('"', " ").split())
    assert yaml.safe_load(text)["orthanc_config"]["PostgreSQL"]["Password"] == "{{ vault_orthanc_postgresql_password }}"


@settings(deadline=None)  # Ansible's loader takes its time on a busy machine
@given(st.dictionaries(st.text(min_size=1), st.recursive(st.text() | st.booleans() | st.integers(), st.lists)))
def test_whatever_is_written_is_read_back_by_ansible_as_it_was(data: dict[str, Any]) -> None:
    assert DataLoader().load(host_vars_text("a\nb", data)) == data


def test_what_looks_like_a_template_is_none() -> None:
    text = host_vars_text("x", {"a": "{{ lookup('pipe', 'id') }}", "b": Reference("vault_b")})
    assert "!unsafe" in text.splitlines()[2] and text.splitlines()[3] == 'b: "{{ vault_b }}"'
