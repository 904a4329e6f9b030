# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of the user's own for nginx are whole, and stand in Orthanc's server alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rendered_site import servers, site

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.directives import incomplete
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.frontends.nginx_lines import nginx_lines

WHOLE = [
    "add_header X-Site north always;",
    "add_header X-Site 'a; } b' always; # and { no more",
    'location /viewer/ {\n    alias "/srv/viewer/";\n}\n',
    "if ($request_method = OPTIONS) { return 204; }",
    "set $a ${b}c;",
    "location ~ ^/x\\{2\\}$ { return 404; }",
]


@pytest.mark.parametrize("text", WHOLE)
def test_whole_directives_and_blocks_are_taken_as_they_are(text: str) -> None:
    assert nginx_lines([text]) == nginx_lines(text) == [text.strip("\n")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("add_header X-Site north", "the last directive has no ';'"),
        ("}\nserver {\n    listen 81;", "a block is closed that was not opened"),
        ("} server { listen 81; ", "a block is closed that was not opened"),
        ("location /a { return 404;", "a block is not closed"),
        ("location /a { return 404 }", "a directive has no ';'"),
        ('add_header X-Site "north;', "a quote is not closed"),
        ("return 404; # }\nproxy_pass", "the last directive has no ';'"),
    ],
)
def test_what_would_take_a_line_of_ours_for_its_own_is_an_error(text: str, why: str) -> None:
    with pytest.raises(OrthancTlsError, match=r"^frontend_nginx_lines: in entry 2, ") as error:
        nginx_lines([WHOLE[0], text])
    assert why in str(error.value)


@pytest.mark.parametrize("value", [{"a": 1}, [1], [None], 7])
def test_what_is_no_text_is_an_error(value: Any) -> None:
    with pytest.raises(OrthancTlsError, match="it must be a list of texts"):
        nginx_lines(value)


@given(st.lists(st.sampled_from(["a", " ", ";", "{", "}", '"', "'", "#", "\n", "$", "\\"]), max_size=12))
def test_what_is_whole_beside_a_directive_of_ours_leaves_that_alone(parts: list[str]) -> None:
    text = "".join(parts)
    if incomplete(text) is None:
        assert incomplete(f"{text}\nours;") is None
        assert incomplete(f"{text}\nours") == "the last directive has no ';'"
        assert incomplete(f"{text}\n}}") == "a block is closed that was not opened"


def test_they_stand_in_the_server_that_answers_and_in_no_other() -> None:
    lines = ["add_header X-Site north always;", "location /viewer/ {\n    alias /srv/viewer/;\n}"]
    with_them = servers(site({}, {"frontend_nginx_lines": lines}))
    assert ["X-Site" in server for server in with_them] == ["proxy_pass" in server for server in with_them]
    assert sum("X-Site" in server for server in with_them) == 1
    assert servers(site({}, {"frontend_nginx_lines": []})) == servers(site({}, {}))


def test_a_trial_needs_no_certificate_and_leaves_no_log_behind() -> None:
    text = site({}, {"__frontend_trial": True, "frontend_nginx_lines": ["add_header X-Site north always;"]})
    assert "ssl_certificate " not in text and "ssl_certificate_key" not in text and " ssl;" not in text
    assert "/var/log" not in text
    assert all(kept in text for kept in ("X-Site", "ssl_verify_client on;", "client_max_body_size", "proxy_pass"))
