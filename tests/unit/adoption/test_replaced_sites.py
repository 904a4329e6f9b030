# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An nginx that was put before Orthanc by hand: what it did is said, and what becomes of that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from configured_by_hand import ALONE, Hosts, adopted_text, converged, found
from hand_made_nginx import PACS, SITE, dumped

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.variables import Adoption, adopt
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

BEHIND: dict[str, Any] = {
    "Name": "PACS",
    "RemoteAccessAllowed": False,
    "AuthenticationEnabled": True,
    "RegisteredUsers": {"pacs": "changeme"},
    "DicomWeb": {"Enable": True, "PublicRoot": "/orthanc/dicom-web/"},
}
BUILTIN = {"pacs": {**ALONE["pacs"], "orthanc_tls_mode": "builtin"}}
ORTHANC = "proxy_pass http://127.0.0.1:8042;"
SERVER = "server {{ listen 443 ssl; server_name pacs.example.org; {} }}"


def behind(folder: Path, nginx: str, hosts: Hosts = ALONE, **settings: Any) -> Adoption:
    return adopted_text(folder, json.dumps({**BEHIND, **settings}), hosts, nginx=nginx)


def said(folder: Path, text: str, hosts: Hosts = ALONE, **settings: Any) -> str:
    """What is said of a server of the host's own name with this text."""
    return "\n".join(behind(folder, dumped(SERVER.format(text)), hosts, **settings).notices)


def test_all_that_the_clients_of_a_site_by_hand_rely_on_is_said_with_what_becomes_of_it(tmp_path: Path) -> None:
    adoption = behind(tmp_path, dumped(PACS))
    assert adoption.variables["frontend_path_prefix"] == "/orthanc/"
    of_site = [notice for notice in adoption.notices if SITE in notice or "frontend_path_prefix" in notice]
    expected = [
        f"{SITE} serves pacs.example.org on port 80 and 443, where the front-end would answer. This run writes",
        "Clients find Orthanc under /orthanc/ there, and still do",
        f"{SITE} answers /.well-known/acme-challenge/, by which a certificate is renewed",
        f"{SITE} serves the certificate in /etc/letsencrypt/live/pacs.example.org/fullchain.pem",
        f"{SITE} asks for the passwords in /etc/nginx/pacs.htpasswd. They are not taken over",
        f"{SITE} sends an Authorization header of its own to Orthanc",
        f"{SITE} adds Access-Control-Allow-Origin, so that pages of other origins may call Orthanc (CORS)",
        f"{SITE} also serves /viewer/",
    ]
    assert [notice[: len(text)] for notice, text in zip(of_site, expected, strict=True)] == expected
    assert "cGFjczpjaGFuZ2VtZQ" not in "".join(adoption.notices)
    assert "or remove the file, do not reload nginx, and run site.yml" in of_site[0]
    assert all("frontend_nginx_lines" in notice for notice in of_site[-2:]), "the viewer and its origin have a way"
    assert "set frontend_https_port to another port and frontend_http_port to 0" in of_site[0]


def test_dicomweb_s_links_keep_the_path_that_the_front_end_has_as_well(tmp_path: Path) -> None:
    settings = converged(behind(tmp_path, dumped(PACS)))
    assert settings["DicomWeb"]["PublicRoot"] == "/orthanc/dicom-web/"
    assert settings["RemoteAccessAllowed"] is False


def test_an_orthanc_that_no_site_leads_to_has_nothing_said_of_nginx(tmp_path: Path) -> None:
    assert "nginx" not in "\n".join(behind(tmp_path, "").notices)
    other = dumped(f"server {{ server_name www.example.org; location / {{ {ORTHANC.replace('8042', '3000')} }} }}")
    assert SITE not in "\n".join(behind(tmp_path, other).notices)


@pytest.mark.parametrize(
    ("locations", "prefix"),
    [
        ("location / {{ {} }}", None),
        ("location /pacs {{ {} }}", "/pacs/"),
        ("location ^~ /a/b/ {{ {} }}", "/a/b/"),
        ("location ~ ^/pacs/ {{ {} }}", None),
        ("location /a/ {{ {0} }} location /b/ {{ {0} }}", None),
    ],
    ids=["root", "without a slash", "first of all", "pattern", "two"],
)
def test_one_plain_path_is_kept(tmp_path: Path, locations: str, prefix: str | None) -> None:
    nginx = dumped(SERVER.format(locations.format(ORTHANC)))
    adoption = behind(tmp_path, nginx)
    assert adoption.variables.get("frontend_path_prefix") == prefix
    ends = prefix is None and "location / " not in locations
    assert any("URLs with another path end" in notice for notice in adoption.notices) is ends
    own = {"pacs": {**ALONE["pacs"], "frontend_path_prefix": "/own/"}}
    assert "frontend_path_prefix" not in behind(tmp_path, nginx, own).variables


def test_a_site_of_another_name_stays_and_is_named_as_a_way_without_a_certificate(tmp_path: Path) -> None:
    site = f"server {{ listen 443 ssl; server_name old.example.org; location / {{ {ORTHANC} }} }}"
    (notice,) = (one for one in behind(tmp_path, dumped(site)).notices if SITE in one)
    assert "leads to this Orthanc as well (old.example.org, port 443)" in notice
    assert "its clients need no certificate of the fleet" in notice
    elsewhere = site.replace("443", "8443").replace("old.example.org", "pacs.example.org")
    (notice,) = (one for one in behind(tmp_path, dumped(elsewhere)).notices if SITE in one)
    assert "(pacs.example.org, port 8443)" in notice


def test_the_port_that_orthanc_has_today_tells_which_site_leads_to_it(tmp_path: Path) -> None:
    site = dumped("server { server_name a; location / { proxy_pass http://pacs.example.org:8123; } }")
    assert SITE in "\n".join(behind(tmp_path, site, HttpPort=8123).notices)
    assert SITE not in "\n".join(behind(tmp_path, site).notices)


def test_before_an_orthanc_that_speaks_tls_itself_a_site_ends_unless_it_does_so_already(tmp_path: Path) -> None:
    text = said(tmp_path, f"location / {{ {ORTHANC} }}", BUILTIN)
    assert f"{SITE} leads to this Orthanc in plain HTTP (pacs.example.org, port 443)" in text
    assert "orthanc_tls_mode: frontend" in text and "where the front-end would answer" not in text
    assert SITE not in said(tmp_path, f"location / {{ {ORTHANC} }}", BUILTIN, SslEnabled=True)


OTHERS = {
    "client certificates": (
        f"ssl_client_certificate /etc/ca.pem; ssl_verify_client on; location / {{ {ORTHANC} }}",
        "certificates of the CAs in /etc/ca.pem. Put these CAs into identity_client_ca_certificates",
    ),
    "addresses": (f"allow 192.0.2.0/24; deny all; location / {{ {ORTHANC} }}", "decides with allow and deny who may"),
    "a service that is asked": (f"location / {{ auth_request /check; {ORTHANC} }}", "decides with auth_request"),
    "a header for a script": (
        f"location / {{ proxy_set_header X-Forwarded-For a; proxy_set_header X-Role r; {ORTHANC} }}",
        f"{SITE} sends X-Role to Orthanc",
    ),
    "a header for clients": (
        f"add_header Strict-Transport-Security x; add_header X-Frame-Options y; location / {{ {ORTHANC} }}",
        f"{SITE} adds X-Frame-Options to what Orthanc answers",
    ),
    "a viewer elsewhere": (
        f"location / {{ {ORTHANC} }} location /ohif/ {{ proxy_pass http://127.0.0.1:3000; }}",
        f"{SITE} also serves /ohif/.",
    ),
    "another name": (
        f"server_name Images.example.org _; location / {{ {ORTHANC} }}",
        f"{SITE} also serves the names Images.example.org. Where they are this host's",
    ),
}


@pytest.mark.parametrize(("text", "notice"), OTHERS.values(), ids=OTHERS)
def test_what_else_a_site_does_is_said(tmp_path: Path, text: str, notice: str) -> None:
    assert notice in said(tmp_path, text)
    assert notice not in said(tmp_path, f"location / {{ {ORTHANC} }}")


def test_names_of_a_site_never_get_into_a_certificate_by_themselves(tmp_path: Path) -> None:
    site = dumped(SERVER.format(f"server_name archive.example.org; location / {{ {ORTHANC} }}"))
    assert "archive.example.org" not in repr(behind(tmp_path, site).variables)


def test_an_nginx_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    told = {**found(tmp_path, json.dumps(BEHIND)), "nginx_fault": "it does not load: line 3"}
    notices = adopt(told, "pacs", Fleet(ALONE, {"orthanc": ["pacs"]})).notices
    assert "What the sites of nginx on this host do cannot be read: it does not load: line 3." in notices
