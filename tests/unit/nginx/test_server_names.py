# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For which names the servers of an nginx configuration answer, whichever file says so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.configuration import Listener, listeners

MAIN = "/tmp/nginx-x/nginx.conf"

# What most people have in front of Orthanc today.
BY_HAND = """map $http_origin $viewer { default ""; "https://viewer.example.org" $http_origin; }
server {
    listen 80;
    listen [::]:80;
    server_name pacs.example.org;
    location / { return 301 https://$host$request_uri; }
}
server {
    listen 443 ssl http2;
    listen [::]:443 ssl http2 ipv6only=on;
    server_name pacs.example.org PACS;
    location /orthanc/ { rewrite /orthanc(.*) $1 break; proxy_pass http://127.0.0.1:8042; }
}
"""


def dump(**files: str) -> str:
    """What C(nginx -T) says; an underscore stands for the slash, and C(main) for the main file."""
    named = {MAIN: files.pop("main", "http { }")}
    named |= {f"/etc/nginx/{name.replace('_', '/')}": text for name, text in files.items()}
    return "".join(f"# configuration file {file}:\n{text}\n\n" for file, text in named.items())


def told(**files: str) -> list[tuple[int, tuple[str, ...]]]:
    return [(found.port, found.server_names) for found in listeners(dump(**files))]


def test_a_site_made_by_hand_is_told_with_its_names_on_every_address() -> None:
    file = "/etc/nginx/sites/pacs"
    assert listeners(dump(sites_pacs=BY_HAND)) == [
        Listener("0.0.0.0", 80, file, ("pacs.example.org",)),
        Listener("[::]", 80, file, ("pacs.example.org",)),
        Listener("0.0.0.0", 443, file, ("pacs.example.org", "PACS")),
        Listener("[::]", 443, file, ("pacs.example.org", "PACS")),
    ]


def test_names_count_for_the_whole_server_wherever_they_stand_in_it() -> None:
    text = 'server { server_name a; listen 1; listen 2; server_name b a "~^c{2}$"; } server { listen 3; }'
    names = ("a", "b", "~^c{2}$")
    assert told(a=text) == [(1, names), (2, names), (3, ())]


def test_a_server_without_listen_has_its_names_too() -> None:
    assert told(a="server { server_name a; }") == [(80, ("a",))]


def test_what_a_server_includes_belongs_to_it() -> None:
    site = "server { include /etc/nginx/snippets/listen; include /etc/nginx/snippets/n*; }"
    files = {"snippets_listen": "listen 443;", "snippets_names": "server_name a;", "snippets_other": "server_name z;"}
    assert told(a=site, **files) == [(443, ("a",))]
    assert listeners(dump(a=site, **files))[0].file == "/etc/nginx/snippets/listen"


def test_a_relative_include_counts_from_the_folder_of_the_main_file() -> None:
    main = "http { server { include snippets/tls; server_name a; } server { include *; listen 2; } }"
    text = dump(main=main, snippets_tls="listen 9;").replace("/etc/nginx/snippets", "/tmp/nginx-x/snippets")
    assert [(found.port, found.server_names) for found in listeners(text)] == [(9, ("a",)), (2, ())]


def test_a_file_that_two_servers_include_is_told_with_each() -> None:
    site = "server { include /etc/nginx/l; server_name a; } server { include /etc/nginx/l; server_name b; }"
    assert told(s=site, l="listen 1;") == [(1, ("a",)), (1, ("b",))]


def test_a_server_whose_included_files_are_all_known_and_say_no_port_is_on_80() -> None:
    assert told(s="server { include /etc/nginx/n; }", n="server_name a;") == [(80, ("a",))]
    assert told(s="server { include /etc/nginx/unknown; server_name a; }") == []
    assert told(s="server { listen unix:/run/x; server_name a; }") == []
    assert told(s="server { location / { include proxy_params; } }") == [(80, ())]


def test_files_that_include_each_other_come_to_an_end() -> None:
    assert told(s="server { include /etc/nginx/a; }", a="listen 1; include /etc/nginx/a;")[0] == (1, ())


def test_names_in_blocks_of_an_included_file_are_not_the_servers() -> None:
    assert told(s="server { include /etc/nginx/a; listen 1; }", a="location / { server_name b; } server_name c;") == [
        (1, ("c",))
    ]


WORD = st.from_regex(r"[a-z*~^.]{1,12}", fullmatch=True)


@given(st.lists(st.tuples(st.integers(1, 65535), st.lists(WORD, unique=True)), max_size=5))
def test_every_server_has_its_own_names(servers: list[tuple[int, list[str]]]) -> None:
    text = "\n".join(
        f"server {{ listen {port}; {f'server_name {chr(32).join(names)};' if names else ''} }}"
        for port, names in servers
    )
    assert told(a=text) == [(port, tuple(names)) for port, names in servers]


@given(st.text())
def test_whatever_is_in_a_configuration_is_read_without_a_failure(text: str) -> None:
    listeners(dump(a=text))
