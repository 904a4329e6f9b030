# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sites of an nginx made by hand do for their clients."""

from __future__ import annotations

import pytest
from hand_made_nginx import PACS, SITE, dumped
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.servers import (
    ServedPath,
    SiteServer,
    servers,
)

ORTHANC = "proxy_pass http://127.0.0.1:8042;"


def only(site: str, http: str = "") -> SiteServer:
    (server,) = servers(dumped(site, http))
    return server


def paths(text: str, http: str = "") -> tuple[ServedPath, ...]:
    return only(f"server {{ {text} }}", http).paths


def test_a_site_as_most_have_it_is_told_with_all_that_its_clients_rely_on() -> None:
    redirecting, serving = servers(dumped(PACS))
    assert serving == SiteServer(
        file=SITE,
        ports=(443,),
        server_names=("pacs.example.org",),
        certificate="/etc/letsencrypt/live/pacs.example.org/fullchain.pem",
        client_ca="",
        password_files=("/etc/nginx/pacs.htpasswd",),
        rules=(),
        sent_headers=("Host", "Authorization"),
        added_headers=("Access-Control-Allow-Origin",),
        paths=(ServedPath("/orthanc/", "proxy", "127.0.0.1", 8042), ServedPath("/viewer/", "files")),
    )
    assert (redirecting.ports, redirecting.certificate, redirecting.password_files) == ((80,), "", ())
    assert redirecting.paths == (ServedPath("/.well-known/acme-challenge/", "files"), ServedPath("/", "answer"))


def test_no_value_of_a_header_is_told() -> None:
    told = repr(servers(dumped(PACS + 'server { location / { proxy_set_header X-Token "s3cret"; } }')))
    assert "cGFjczpjaGFuZ2VtZQ" not in told and "s3cret" not in told and "X-Token" in told


@pytest.mark.parametrize(
    ("text", "http"),
    [
        (f"location / {{ {ORTHANC} }}", ""),
        ("location / { proxy_pass http://orthanc; }", "upstream orthanc { server 127.0.0.1:8042; keepalive 8; }"),
        ("location / { proxy_pass http://orthanc/; }", "upstream orthanc { server 127.0.0.1:8042; server b:1; }"),
        ("set $to http://127.0.0.1:8042; location / { proxy_pass $to; }", ""),
        ("set $t x; set $to 127.0.0.1; location / { proxy_pass http://$to:8042; }", ""),
        (f"location / {{ if ($request_method = GET) {{ {ORTHANC} }} }}", ""),
    ],
    ids=["address", "upstream", "first of several", "variable", "host in a variable", "in a condition"],
)
def test_where_a_path_goes_is_told_however_it_is_written(text: str, http: str) -> None:
    assert paths(text, http) == (ServedPath("/", "proxy", "127.0.0.1", 8042),)


def test_what_a_path_does_is_told() -> None:
    text = """
        location = /a { return 404; }
        location ~ ^/b { fastcgi_pass unix:/run/b; }
        location /c { proxy_pass http://unix:/run/c; }
        location /d { proxy_pass https://d.example.org; location /d/e { proxy_pass http://[::1]:9/; } }
        location /f { }
    """
    assert paths(text) == (
        ServedPath("= /a", "answer"),
        ServedPath("~ ^/b", "program"),
        ServedPath("/c", "proxy", "unix", 80),
        ServedPath("/d", "proxy", "d.example.org", 443),
        ServedPath("/d/e", "proxy", "[::1]", 9),
        ServedPath("/f", "files"),
    )


def test_what_all_sites_have_in_common_counts_where_a_site_says_nothing_else() -> None:
    http = "auth_basic x; auth_basic_user_file /etc/users; add_header X-All 1; deny 192.0.2.1;"
    server = only(f"server {{ location / {{ {ORTHANC} }} }}", http)
    assert (server.password_files, server.added_headers, server.rules) == (("/etc/users",), ("X-All",), ("deny",))
    assert only("server { auth_basic off; add_header X-Own 1; }", http).password_files == ()
    assert only("server { add_header X-Own 1; }", http).added_headers == ("X-Own",)


def test_who_else_decides_who_may_come_in_is_told() -> None:
    text = "ssl_client_certificate /etc/ca.pem; ssl_verify_client {}; location / {{ auth_request /check; allow all; }}"
    server = only(f"server {{ {text.format('on')} }}")
    assert (server.client_ca, server.rules) == ("/etc/ca.pem", ("allow", "auth_request"))
    assert only(f"server {{ {text.format('off')} }}").client_ca == ""


def test_servers_that_speak_no_http_are_none_of_them() -> None:
    assert servers(f"# configuration file /n.conf:\nstream {{ server {{ listen 104; {ORTHANC} }} }}\n") == []
    assert servers("") == servers("nginx: nothing") == []


@given(st.text())
def test_whatever_is_in_a_site_is_read_without_a_failure(text: str) -> None:
    servers(dumped(text))


@given(
    st.lists(st.sampled_from(["server {", "location / {", "}", "include *;", ORTHANC, "listen 443 ssl;", "set $a b;"]))
)
def test_blocks_in_any_order_are_read_without_a_failure(lines: list[str]) -> None:
    servers(dumped("\n".join(lines)))
