# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an Orthanc ignores today does not come into force, and what people have to know is said before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from configured_by_hand import ALONE, adopted, adopted_text, answered, converged
from made_certificates import made

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.unit import Unit
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.variables import adopt
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

BUILTIN = {"pacs": {**ALONE["pacs"], "orthanc_tls_mode": "builtin"}}


def notices(folder: Path, **settings: Any) -> str:
    return "\n".join(adopted(folder, **settings).notices)


IGNORED: dict[str, tuple[dict[str, Any], str]] = {
    "plain HTTP": ({"SslEnabled": False, "SslVerifyPeers": True}, "SslEnabled is off"),
    "plain HTTP by default": ({"SslVerifyPeers": True}, "SslEnabled is off"),
    "no certificates asked for": ({"SslEnabled": True, "SslVerifyPeers": False}, "SslVerifyPeers is off"),
}


@pytest.mark.parametrize(("switches", "why"), IGNORED.values(), ids=IGNORED)
def test_client_cas_that_orthanc_ignores_open_no_door(tmp_path: Path, switches: dict[str, Any], why: str) -> None:
    (tmp_path / "clients.pem").write_bytes(made("old clients", ca=True).cert_pem)
    adoption = adopted(tmp_path, SslTrustedClientCertificates="clients.pem", **switches)
    assert "identity_client_ca_certificates" not in adoption.variables
    (notice,) = (text for text in adoption.notices if text.startswith("SslTrustedClientCertificates"))
    assert f"which Orthanc does not read today, as {why}" in notice and "identity_client_ca_certificates" in notice


def test_users_of_an_orthanc_that_only_its_own_machine_reaches_do_not_come_in_with_a_password_alone(
    tmp_path: Path,
) -> None:
    local = adopted(tmp_path, RemoteAccessAllowed=False, AuthenticationEnabled=True, RegisteredUsers={"x": "y"})
    assert "frontend_client_auth" not in local.variables
    assert any("set frontend_client_auth: none" in notice for notice in local.notices)
    remote = adopted(tmp_path, RemoteAccessAllowed=True, RegisteredUsers={"x": "y"})
    assert remote.variables["frontend_client_auth"] == "none"


def test_text_that_orthanc_does_not_read_is_not_taken_over_and_said(tmp_path: Path) -> None:
    text = '{\n  "Name" : "PACS",\n  "StableAge" : 50\n}k\n"PostgreSQL" : { "EnableIndex" : true, "Password" : "pw" }\n'
    adoption = adopted_text(tmp_path, text)
    assert adoption.variables["orthanc_config"].keys() == {"StorageDirectory", "IndexDirectory", "Name", "StableAge"}
    (notice,) = (text for text in adoption.notices if "text after the end" in text)
    assert "orthanc.json" in notice and "line 4" in notice and "pw" not in notice


FILTER = """-- whoever brings no token gets 403, the machine itself may do all
function IncomingHttpRequestFilter(method, uri, ip, username, headers)
  if ip == '127.0.0.1' and uri ~= '/system' then return true end
  return headers['token'] == 'abc'
end
"""


def filtered(folder: Path, hosts: Any = ALONE, **settings: Any) -> str:
    (folder / "filter.lua").write_text(FILTER)
    (folder / "auth.py").write_text("orthanc.RegisterIncomingHttpRequestFilter2(lambda uri, **more: uri == '/x')\n")
    (folder / "other.lua").write_text("function OnStableStudy(id) end  -- 127.0.0.1\n")
    return "\n".join(adopted(folder, hosts, **settings).notices)


def test_a_script_that_trusts_its_own_machine_is_named_as_the_front_end_would_be_trusted(tmp_path: Path) -> None:
    text = filtered(tmp_path, LuaScripts=["filter.lua", "other.lua", "gone.lua"])
    assert f"{tmp_path}/filter.lua (LuaScripts) filters requests and has a rule for this machine's own address" in text
    assert "all whom the front-end lets in may do what is allowed to 127.0.0.1" in text
    assert "other.lua" not in text and "abc" not in text
    assert "filters requests" not in filtered(tmp_path, BUILTIN, SslEnabled=True, LuaScripts=["filter.lua"])


@pytest.mark.parametrize("settings", [{"PythonScript": "auth.py"}, {"Python": {"Path": "auth.py"}}])
def test_a_filter_in_python_is_found_however_it_is_configured(tmp_path: Path, settings: dict[str, Any]) -> None:
    assert f"{tmp_path}/auth.py" in filtered(tmp_path, **settings)


AUTHORIZATION: dict[str, Any] = {
    "RemoteAccessAllowed": True,
    "AuthenticationEnabled": False,
    "Plugins": ["/usr/share/orthanc/plugins"],
    "Authorization": {
        "WebServiceRootUrl": "http://127.0.0.1:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer-2", "stone-webviewer"],
    },
    "Python": {"Path": "/etc/orthanc/auth.py", "AllowThreads": True},
    "Indexer": {"Enable": False},
    "ConnectivityChecks": {},
}


def test_the_authorization_plugin_is_known_and_what_it_allows_its_own_machine_is_said(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, **AUTHORIZATION)
    assert "orthanc_unchecked_keys" not in adoption.variables
    assert adoption.variables["orthanc_config"]["Authorization"] == AUTHORIZATION["Authorization"]
    assert any("The authorization plugin filters requests" in notice for notice in adoption.notices)


@pytest.mark.parametrize(
    "key", ["Authorization", "Python", "Indexer", "Tcia", "Neuro", "Java", "Education", "ConnectivityChecks"]
)
def test_sections_of_plugins_are_known(tmp_path: Path, key: str) -> None:
    assert "orthanc_unchecked_keys" not in adopted_text(tmp_path, f'{{"{key}": {{"Enable": true}}}}').variables


def test_whom_orthanc_trusts_when_it_calls_and_what_else_may_call_is_said(tmp_path: Path) -> None:
    (tmp_path / "cas.pem").write_bytes(made("one", ca=True).cert_pem + made("two", ca=True).cert_pem)
    storage = {"BucketName": "images", "Region": "eu-west-1", "AccessKey": "an-id", "SecretKey": "a-key"}
    text = notices(tmp_path, HttpsCACertificates="cas.pem", LuaScripts=["/srv/hook.lua"], AwsS3Storage=storage)
    assert f"HttpsCACertificates names {tmp_path}/cas.pem with 2 certificates" in text
    assert "What AwsS3Storage may call outside the fleet is not known" in text and "a-key" not in text


PUBLIC: dict[str, Any] = {
    "RemoteAccessAllowed": True,
    "AuthenticationEnabled": True,
    "RegisteredUsers": {"reader": "readers-password"},
    "HttpsVerifyPeers": True,
    "HttpsCACertificates": "/etc/ssl/certs/ca-certificates.crt",
    "LuaScripts": ["hook.lua"],
    "OrthancPeers": {"partner": ["https://pacs.partner.example/"]},
}
STORAGE = {"AwsS3Storage": {"BucketName": "images", "Region": "eu-west-1"}}
MUTUAL = {"SslEnabled": True, "SslVerifyPeers": True}


def test_the_system_s_store_is_named_and_not_copied(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, **PUBLIC)
    assert "identity_server_ca_certificates" not in adoption.variables
    assert "orthanc_trust_system_cas" not in adoption.variables, "Orthanc's own calls and Lua's need no such option"
    assert any("ca-certificates.crt, the system's store. It is not copied" in one for one in adoption.notices)


@pytest.mark.parametrize("more", [STORAGE, {"PythonScript": "/srv/hook.py"}], ids=["storage", "python"])
def test_what_calls_by_openssl_keeps_the_system_s_cas_only_where_they_let_no_client_in(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    kept = adopted(tmp_path, **PUBLIC, **more)
    assert kept.variables["orthanc_trust_system_cas"] is True
    assert any("orthanc_trust_system_cas: true lets it" in one for one in kept.notices)
    closed = adopted(tmp_path, **{**PUBLIC, **MUTUAL}, **more)
    assert closed.variables["orthanc_tls_mode"] == "builtin" and "orthanc_trust_system_cas" not in closed.variables
    assert any("OpenSSL's store is empty for it: name /etc/ssl/certs" in one for one in closed.notices)


@pytest.mark.parametrize(
    ("port", "group", "becomes"),
    [
        (80, {}, 8042),
        (443, {}, 8042),
        (8443, {"frontend_https_port": 8443}, 8042),
        (81, {"frontend_http_port": 81}, 8042),
        (80, {"orthanc_http_port": 8123}, 8123),
        (80, {"orthanc_http_port": 80}, 8042),
    ],
)
def test_an_orthanc_on_a_port_of_the_front_end_moves_off_it(
    tmp_path: Path, port: int, group: dict[str, Any], becomes: int
) -> None:
    hosts = {"pacs": {**ALONE["pacs"], **group}}
    adoption = adopted(tmp_path, hosts, HttpPort=port)
    assert adoption.variables["orthanc_http_port"] == becomes
    assert converged(adoption, hosts)["HttpPort"] == becomes
    assert any(
        f"Port {port}, on which Orthanc answers today, becomes the front-end's" in one for one in adoption.notices
    )


@pytest.mark.parametrize(
    ("port", "more"), [(80, {"frontend_http_port": 0}), (8080, {}), (80, {"orthanc_tls_mode": "builtin"})]
)
def test_another_port_of_orthancs_stays(tmp_path: Path, port: int, more: dict[str, Any]) -> None:
    adoption = adopted(tmp_path, {"pacs": {**ALONE["pacs"], **more}}, HttpPort=port)
    assert adoption.variables["orthanc_http_port"] == port
    assert not any("becomes the front-end's" in notice for notice in adoption.notices)


@pytest.mark.parametrize(
    ("user", "groups", "said"),
    [
        ("pacs", ("pacs",), True),
        ("orthanc", ("pacs", "video"), True),
        ("pacs", ("orthanc",), False),
        ("orthanc", ("orthanc",), False),
        ("root", ("root",), False),
        ("", (), False),
    ],
)
def test_a_user_of_the_unit_who_could_read_nothing_is_said_before_site_yml_refuses_him(
    tmp_path: Path, user: str, groups: tuple[str, ...], said: bool
) -> None:
    (tmp_path / "orthanc.json").write_text("{}")
    told = answered(Unit(str(tmp_path), {}, (), user=user, groups=groups))
    text = "\n".join(adopt(told, "pacs", Fleet(ALONE, {"orthanc": ["pacs"]})).notices)
    notice = f"orthanc.service starts Orthanc as {user} in the group {', '.join(groups)}, who cannot read"
    assert (notice in text) is said
