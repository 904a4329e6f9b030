# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.filter.fleet import orthanc_has_secrets
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.secrets import has_secrets, secret_paths
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.orthanc.settings import orthanc_settings, render

IDENTITY = "/etc/orthanc/tls/current"


def settings(
    config: dict[str, Any] | None = None,
    unchecked: tuple[str, ...] = (),
    version: str | None = None,
    mode: str = "builtin",
    **variables: Any,
) -> dict[str, Any]:
    ours = {"orthanc_peers": ["b"], "orthanc_config": config or {}, "orthanc_tls_mode": mode, **variables}
    view = Fleet({"a": ours, "b": {}}, {"orthanc": ["a", "b"]})
    peers = view.peers("a", f"{IDENTITY}/server.pem")
    return orthanc_settings(
        view.node("a"), peers, config or {}, identity=IDENTITY, unchecked_keys=unchecked, version=version
    )


def test_mutual_tls_is_what_stands_there_without_any_setting() -> None:
    made = settings()
    assert made["SslEnabled"] is True
    assert made["SslVerifyPeers"] is True
    assert made["SslCertificate"] == f"{IDENTITY}/server.pem"
    assert made["SslTrustedClientCertificates"] == f"{IDENTITY}/client-trust.pem"
    assert made["HttpsCACertificates"] == f"{IDENTITY}/server-trust.pem"
    assert made["HttpsVerifyPeers"] is True
    assert made["RemoteAccessAllowed"] is True


def test_built_in_https_speaks_tls_1_2_and_1_3_with_mozillas_intermediate_suites_alone() -> None:
    made = settings()
    assert made["SslMinimumProtocolVersion"] == 4, "Orthanc's number for TLS 1.2; 3 is TLS 1.1"
    suites = "ECDSA-AES128-GCM-SHA256 RSA-AES128-GCM-SHA256 ECDSA-AES256-GCM-SHA384 RSA-AES256-GCM-SHA384 "
    suites += "ECDSA-CHACHA20-POLY1305 RSA-CHACHA20-POLY1305"
    assert made["SslCiphersAccepted"] == [f"ECDHE-{suite}" for suite in suites.split()]


def test_a_server_certificate_of_another_issuer_is_for_the_server_side_alone() -> None:
    made = settings(
        orthanc_server_certificate={"path": "/srv/server.pem", "ca_certificates": "-----BEGIN CERTIFICATE-----"}
    )
    assert made["SslCertificate"] == "/etc/orthanc/managed/server.pem"
    assert made["OrthancPeers"]["b"]["CertificateFile"] == f"{IDENTITY}/server.pem"
    assert made["SslTrustedClientCertificates"] == f"{IDENTITY}/client-trust.pem"


@pytest.mark.parametrize(
    ("version", "binds"), [(None, False), ("1.10.1", False), ("1.12.9", False), ("1.12.10", True), ("1.13.0", True)]
)
def test_behind_a_front_end_orthanc_answers_its_own_host_only(version: str | None, binds: bool) -> None:
    made = settings(mode="frontend", version=version)
    assert made["SslEnabled"] is False
    assert made["RemoteAccessAllowed"] is False
    assert ("HttpBindAddresses" in made) is binds
    assert made["HttpsCACertificates"] == f"{IDENTITY}/server-trust.pem"


def test_an_orthanc_open_to_everybody_beside_its_front_end_is_refused() -> None:
    with pytest.raises(OrthancTlsError, match="in plain HTTP beside its front-end"):
        settings({"RemoteAccessAllowed": True}, mode="frontend")
    with pytest.raises(OrthancTlsError, match="frontend_client_auth is 'none' and anybody"):
        settings(mode="frontend", frontend_client_auth="none")


def test_the_default_user_of_orthanc_never_comes_to_be() -> None:
    made = settings()
    assert made["AuthenticationEnabled"] is False
    assert made["RegisteredUsers"] == {}


def test_without_client_certificates_and_users_only_the_host_itself_is_answered() -> None:
    made = settings(orthanc_client_auth="none")
    assert made["RemoteAccessAllowed"] is False
    assert made["SslVerifyPeers"] is False
    assert "SslTrustedClientCertificates" not in made


def test_registered_users_turn_authentication_on() -> None:
    made = settings({"RegisteredUsers": {"alice": "x"}}, orthanc_client_auth="none")
    assert made["AuthenticationEnabled"] is True
    assert made["RemoteAccessAllowed"] is True


@pytest.mark.parametrize(
    "config",
    [
        {"RemoteAccessAllowed": True},
        {"RemoteAccessAllowed": True, "RegisteredUsers": {}},
        {"RegisteredUsers": {"alice": "x"}, "AuthenticationEnabled": False},
    ],
)
def test_an_orthanc_open_to_everybody_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(OrthancTlsError, match="anybody would be let in without a password"):
        settings(config, orthanc_client_auth="none")


@pytest.mark.parametrize("client_auth", ["required", "none"])
def test_authentication_without_users_is_refused_as_orthanc_would_make_one_up(client_auth: str) -> None:
    with pytest.raises(OrthancTlsError, match="would then let in orthanc/orthanc"):
        settings({"AuthenticationEnabled": True}, orthanc_client_auth=client_auth)


def test_the_users_peers_and_dicomweb_servers_are_merged_with_the_fleets() -> None:
    made = settings(
        {
            "OrthancPeers": {"c": ["https://c/"]},
            "DicomWeb": {"Servers": {"c": ["https://c/dw/"]}, "EnableWado": False},
        }
    )
    assert made["OrthancPeers"].keys() == {"b", "c"}
    assert made["DicomWeb"]["Servers"].keys() == {"b", "c"}
    assert made["DicomWeb"]["EnableWado"] is False
    assert made["DicomWeb"]["Host"] == ""


def test_an_index_follows_the_storage_that_the_user_names() -> None:
    assert settings({"StorageDirectory": "/srv/dicom"})["IndexDirectory"] == "/srv/dicom"
    assert settings({"StorageDirectory": "/srv/d", "IndexDirectory": "/srv/i"})["IndexDirectory"] == "/srv/i"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"StorageDirectry": "/x"}, "a: orthanc_config has the unknown key 'StorageDirectry'; did you mean 'StorageDi"),
        ({"Zebra": 1}, "a: orthanc_config has the unknown key 'Zebra'."),
        ({"SslEnabled": False}, "a: orthanc_config sets SslEnabled, which follows from orthanc_tls_mode"),
        ({"HttpPort": 80}, "orthanc_config sets HttpPort, which follows from orthanc_http_port"),
        ({"StableAge": "60"}, "a: orthanc_config.StableAge is a text; Orthanc takes a whole number here"),
        ({"StableAge": True}, "a: orthanc_config.StableAge is a boolean; Orthanc takes a whole number here"),
        ({"WebDavEnabled": "no"}, "a: orthanc_config.WebDavEnabled is a text; Orthanc takes a boolean here"),
        ({"DicomModalities": []}, "a: orthanc_config.DicomModalities is a list; Orthanc takes a dictionary here"),
    ],
)
def test_a_setting_that_orthanc_would_misread_is_an_error_that_says_what_to_write(
    config: dict[str, Any], message: str
) -> None:
    with pytest.raises(OrthancTlsError) as error:
        settings(config)
    assert message in str(error.value)


def test_a_key_newer_than_the_list_can_be_let_through_by_name() -> None:
    assert settings({"Zebra": 1}, unchecked=("Zebra",))["Zebra"] == 1


@given(st.dictionaries(st.text(), st.recursive(st.text() | st.booleans() | st.integers(), st.lists)))
def test_what_is_rendered_is_the_same_data_and_holds_nothing_that_orthanc_expands(data: dict[str, Any]) -> None:
    text = render(data)
    assert "${" not in text
    assert json.loads(text) == data


@given(st.text(), st.text())
def test_a_value_with_a_dollar_brace_survives(before: str, after: str) -> None:
    text = render({"Name": f"{before}${{HOME}}{after}"})
    assert "${" not in text
    assert json.loads(text)["Name"] == f"{before}${{HOME}}{after}"


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        ({"Name": "x", "Plugins": ["/usr/lib"]}, False),
        ({"RegisteredUsers": {"alice": "x"}}, True),
        ({"RegisteredUsers": {}}, False),
        ([{"Url": "https://b/", "Password": "x"}], True),
        ({"PostgreSQL": {"ConnectionUri": "postgresql://u:p@db/orthanc"}}, True),
        ({"DicomWeb": {"Servers": {"c": {"HttpHeaders": {"Authorization": "x"}}}}}, True),
        ({"OrthancPeers": {"c": ["https://c/", "user", "password"]}}, True),
        ({"OrthancPeers": {"c": ["https://c/"]}, "DicomModalities": {"c": ["AET", "host", 104]}}, False),
    ],
)
def test_secrets_are_recognised_wherever_they_stand(value: Any, secret: bool) -> None:
    assert has_secrets(value) is secret


def test_secrets_are_told_by_where_they_stand() -> None:
    settings = {"OrthancPeers": {"c": ["https://c/", "u", "p"]}, "RegisteredUsers": {"a": "1", "b": ""}, "HttpPort": 80}
    assert secret_paths(settings) == [("OrthancPeers", "c", 2), ("RegisteredUsers", "a")]


def test_a_file_that_cannot_be_read_is_not_shown() -> None:
    assert orthanc_has_secrets("no JSON")
    assert orthanc_has_secrets('{"RegisteredUsers": {"alice": "x"}}')
    assert not orthanc_has_secrets('{"RegisteredUsers": {}}')
