# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of an nginx, and how a candidate takes a file's place in it."""

from __future__ import annotations

import glob
import hashlib
import ssl
from pathlib import Path

import pytest
from fake_programs import Programs
from made_certificates import made

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection import port_holders
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.port_holders import (
    Holder,
    holders,
    read_holders,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import program as nginx_program
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import site as nginx_site
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.configuration import Listener, listeners
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.program import replace_site
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.first_certificate import (
    first_certificate_sha256,
)

SITE = "/etc/nginx/sites-enabled/zz-orthanc.conf"


def in_file(text: str) -> list[tuple[str, int]]:
    return [(found.address, found.port) for found in listeners(f"# configuration file /a:\n{text}\n")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("80", [("0.0.0.0", 80)]),
        ("*:80", [("0.0.0.0", 80)]),
        ("[::]:443 ssl default_server", [("[::]", 443)]),
        ("[::1]", [("[::1]", 80)]),
        ("192.0.2.7", [("192.0.2.7", 80)]),
        ("192.0.2.7:443 ssl", [("192.0.2.7", 443)]),
        ("localhost:8080", [("localhost", 8080)]),
        ("8080-8082", [("0.0.0.0", 8080), ("0.0.0.0", 8081), ("0.0.0.0", 8082)]),
        ('"443" ssl', [("0.0.0.0", 443)]),
        ("unix:/run/x.sock", []),
    ],
)
def test_every_form_of_listen_is_read(value: str, expected: list[tuple[str, int]]) -> None:
    assert in_file(f"server {{ listen {value}; }}") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("server { server_name a; location / { return 200; } }", [("0.0.0.0", 80)]),
        ("server { include snippets/listen.conf; }", []),
        ("listen 81;", [("0.0.0.0", 81)]),
        ("http { server { } server { listen 82; } server { } }", [("0.0.0.0", 80), ("0.0.0.0", 82), ("0.0.0.0", 80)]),
        ("upstream a { server b; }", []),
        ("stream { server { listen 443; } }", []),
        ("# server { listen 443; }\n", []),
        ("log_format a '{ listen 443; }';", []),
        ("map $a $b { ~x{2}; } server { listen 83; }", [("0.0.0.0", 83)]),
        ("set $a ${b}c; server { listen 84; }", [("0.0.0.0", 84)]),
    ],
)
def test_servers_are_told_from_what_only_looks_like_one(text: str, expected: list[tuple[str, int]]) -> None:
    assert in_file(text) == expected


def test_listeners_say_their_file() -> None:
    dump = "# configuration file /a:\nserver { listen 1; }\n\n# configuration file /b c:\nserver { listen 2; }\n"
    assert listeners(dump) == [Listener("0.0.0.0", 1, "/a"), Listener("0.0.0.0", 2, "/b c")]


MAIN = """user www-data;
# include /etc/nginx/sites-enabled/*;
http {
    include mime.types; include /etc/nginx/conf.d/*.conf;
    include /etc/nginx/sites-enabled/*;
}
"""


def test_the_candidate_stands_in_its_files_place_and_lines_keep_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    others = ["/etc/nginx/sites-enabled/zzz", "/etc/nginx/sites-enabled/a", SITE]
    monkeypatch.setattr(glob, "glob", lambda pattern: others if pattern.endswith("sites-enabled/*") else [])
    lines = replace_site(MAIN, SITE, "/tmp/x/candidate.conf").splitlines()
    assert lines[4].strip() == (
        'include "/etc/nginx/sites-enabled/a"; include "/tmp/x/candidate.conf"; include "/etc/nginx/sites-enabled/zzz";'
    )
    assert lines[:4] + lines[5:] == [line for number, line in enumerate(MAIN.splitlines()) if number != 4]


def test_without_a_candidate_the_file_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glob, "glob", lambda pattern: [SITE])
    assert "sites-enabled" not in replace_site(MAIN, SITE, None).splitlines()[4]


def test_a_main_file_that_would_never_load_the_site_is_said() -> None:
    with pytest.raises(OrthancTlsError, match=r"no line that includes .*zz-orthanc"):
        replace_site(MAIN.replace("sites-enabled/*;\n}", "sites-enabled/*.vhost;\n}"), SITE, None)


SS = """LISTEN 0 511 0.0.0.0:443 0.0.0.0:* users:(("nginx",pid=12,fd=6),("nginx",pid=11,fd=6))
LISTEN 0 511 [::]:443 [::]:* users:(("nginx",pid=12,fd=7))
LISTEN 0 128 127.0.0.1%lo:80 0.0.0.0:* users:(("my prog",pid=7,fd=3))
LISTEN 0 128 *:8080 *:*
LISTEN 0 128 0.0.0.0:4430 0.0.0.0:* users:(("other",pid=8,fd=3))
"""


def test_holders_of_ports_are_named_once_each() -> None:
    assert read_holders(SS, [80, 443, 8080]) == [
        Holder(443, "nginx", 12),
        Holder(80, "my prog", 7),
        Holder(8080, None, None),
    ]


def test_the_fingerprint_is_of_the_first_certificate_after_the_key(tmp_path: Path) -> None:
    issuer = made("issuer", ca=True)
    leaf = made("leaf", issuer)
    bundle = tmp_path / "server.pem"
    bundle.write_bytes(leaf.key_pem + leaf.cert_pem + issuer.cert_pem)
    expected = hashlib.sha256(ssl.PEM_cert_to_DER_cert(leaf.cert_pem.decode())).hexdigest()
    assert first_certificate_sha256(str(bundle)) == expected
    assert first_certificate_sha256(str(tmp_path / "none")) is None
    assert first_certificate_sha256(None) is None


def test_a_missing_certificate_is_said_before_nginx_is_asked(tmp_path: Path) -> None:
    site, missing = tmp_path / "site", str(tmp_path / "server.pem")
    with pytest.raises(OrthancTlsError, match=r"server\.pem is not there"):
        nginx_site.replace(str(site), "server {}", [missing], [])
    assert not site.exists()


@pytest.mark.parametrize("complaint", ["emerg", None])
def test_the_file_is_replaced_only_when_nginx_takes_it(
    complaint: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    site.write_text("old")
    monkeypatch.setattr(nginx_program, "versions", lambda: nginx_program.Versions("1.26.3", "3.5.0"))
    monkeypatch.setattr(nginx_program, "_try", lambda path, candidate: ("", complaint or ""))
    if complaint:
        with pytest.raises(OrthancTlsError, match="Nothing was changed"):
            nginx_site.replace(str(site), "new", [], [])
    else:
        nginx_site.replace(str(site), "new", [], [])
    assert site.read_text() == ("old" if complaint else "new")


def test_a_trial_says_what_nginx_said_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    monkeypatch.setattr(nginx_program, "versions", lambda: nginx_program.Versions("1.26.3", "3.5.0"))
    monkeypatch.setattr(nginx_program, "_try", lambda path, candidate: ("", "unknown directive" * (candidate == b"x")))
    assert nginx_site.tried(str(site), "y")["changed"] is False
    with pytest.raises(OrthancTlsError, match="unknown directive"):
        nginx_site.tried(str(site), "x")
    monkeypatch.setattr(nginx_program, "versions", lambda: None)
    assert nginx_site.tried(str(site), "x")["changed"] is False
    assert not site.exists()


@pytest.mark.parametrize(
    ("said", "openssl"),
    [
        ("nginx version: nginx/1.22.1\nbuilt with OpenSSL 3.0.22 25 Aug 2026\n", "3.0.22"),
        ("nginx version: nginx/1.22.1\nbuilt with OpenSSL 3.5.7 9 Jun 2026 (running with OpenSSL 3.6.0 x)\n", "3.6.0"),
    ],
)
def test_the_openssl_that_runs_counts(said: str, openssl: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nginx"
    program.write_text(f"#!/bin/sh\ncat >&2 <<'E'\n{said}E\n")
    program.chmod(0o700)
    monkeypatch.setattr(nginx_program, "BINARY", str(program))
    assert nginx_program.versions() == nginx_program.Versions("1.22.1", openssl)


def test_no_nginx_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nginx_program, "BINARY", str(tmp_path / "nginx"))
    assert nginx_program.versions() is None


def test_a_node_without_ss_says_which_package_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OrthancTlsError, match=r"ports \[80, 443\]: the program 'ss' is missing; install the package"):
        holders([443, 80])


def test_an_ss_that_fails_is_an_error_with_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = Programs(tmp_path, monkeypatch)
    programs.answer("ss", wait=5)
    monkeypatch.setattr(port_holders, "_SECONDS", 0.1)
    with pytest.raises(OrthancTlsError, match="Cannot ask who listens on ports"):
        holders([443])
