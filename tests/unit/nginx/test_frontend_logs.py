# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patients' names stay out of nginx's logs, and the logs are nobody's but root's and the group adm's."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from rendered_site import ENGINE, OTHERS, servers, site

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import logs as nginx_logs
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import program as nginx_program
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import site as nginx_site


@pytest.mark.parametrize(
    ("nginx", "variables", "number"),
    [
        ({}, {}, 4),
        ({}, {"__frontend_names": ["archive.example.org"]}, 4),
        ({}, {"frontend_client_auth": "none", "frontend_path_prefix": "/orthanc/"}, 4),
        ({}, {"frontend_http_port": 0}, 2),
        ({"other_listeners": OTHERS}, {}, 4),
        ({"other_listeners": OTHERS, "ipv6": False}, {}, 2),
        ({"installed": False, "version": None, "openssl_version": None}, {}, 4),
    ],
    ids=["fresh", "no address", "path", "https alone", "IPv4 is another site's", "all is another site's", "no nginx"],
)
def test_every_server_logs_without_the_query_and_keeps_errors_that_quote_requests_apart(
    nginx: dict[str, Any], variables: dict[str, Any], number: int
) -> None:
    text = site(nginx, variables)
    blocks = servers(text)
    assert len(blocks) == number
    for block in blocks:
        assert re.findall(r"^ +access_log (.*);$", block, re.MULTILINE) == [f"{logs()[0]} openimaging_orthanc"]
        assert re.findall(r"^ +error_log (.*);$", block, re.MULTILINE) == [f"{logs()[1]} crit"]
    log_format = text[text.index("log_format") : text.index("upstream")]
    assert not re.search(r"\$(request|request_uri|args|query_string|http_referer|is_args|arg_\w+)\b", log_format)


def logs() -> list[str]:
    return [ENGINE.access_log, ENGINE.error_log]


@pytest.fixture(autouse=True)
def own_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that a file can be given to without root."""
    monkeypatch.setattr(nginx_logs, "GROUP", str(os.getgid()))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_log_is_created_closed_to_others_and_at_no_moment_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "orthanc.access.log"
    before: list[int] = []
    fchmod = os.fchmod

    def noted(descriptor: int, value: int) -> None:
        before.append(mode(log))
        fchmod(descriptor, value)

    monkeypatch.setattr(os, "fchmod", noted)
    assert nginx_logs.readable_by_others([str(log)]) == [str(log)]
    nginx_logs.make_private([str(log)])
    assert (before, mode(log), log.read_bytes()) == ([0o600], 0o640, b"")
    assert nginx_logs.readable_by_others([str(log)]) == []


def test_a_log_that_others_could_read_is_closed_and_keeps_its_lines_and_its_owner(tmp_path: Path) -> None:
    log = tmp_path / "orthanc.access.log"
    log.write_text("a line\n")
    log.chmod(0o644)
    before = log.stat()
    nginx_logs.make_private([str(log)])
    after = log.stat()
    assert (mode(log), log.read_text()) == (0o640, "a line\n")
    assert (after.st_ino, after.st_uid, after.st_gid) == (before.st_ino, before.st_uid, os.getgid())


def test_a_log_that_is_a_link_is_left_as_it_is(tmp_path: Path) -> None:
    log, target = tmp_path / "orthanc.access.log", tmp_path / "target"
    target.write_text("")
    target.chmod(0o644)
    log.symlink_to(target)
    assert nginx_logs.readable_by_others([str(log)]) == []
    nginx_logs.make_private(nginx_logs.readable_by_others([str(log)]))
    assert mode(target) == 0o644


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(OrthancTlsError, match=r"Cannot create .*/none/a\.log: No such file or directory"):
        nginx_logs.make_private([str(tmp_path / "none/a.log")])


def test_logs_are_closed_before_nginx_is_asked_which_would_create_them_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "orthanc.error.log"
    seen: list[int] = []

    def check(path: str, candidate: bytes) -> None:
        seen.append(mode(log))

    monkeypatch.setattr(nginx_program, "versions", lambda: nginx_program.Versions("1.26.3", "3.5.0"))
    monkeypatch.setattr(nginx_program, "check", check)
    nginx_site.replace(str(tmp_path / "site"), "new", [], [str(log)])
    assert seen == [0o640]
