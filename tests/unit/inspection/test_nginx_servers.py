# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sites of a host's nginx, as orthanc_configuration_info returns them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_programs import Programs
from hand_made_nginx import PACS, SITE, dumped

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.nginx_servers import nginx_servers
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import program

VERSIONS = "nginx version: nginx/1.26.3\nbuilt with OpenSSL 3.5.0\n"


def nginx(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, *, status: int = 0, complaint: str = "") -> None:
    """Let the nginx of this host print a text, and complain; each question has its version among the complaints."""
    programs = Programs(folder, monkeypatch)
    programs.answer("nginx", text, status=status, complaint=VERSIONS + complaint)
    monkeypatch.setattr(program, "BINARY", str(programs.folder / "nginx"))


def test_the_sites_are_told_as_json_can_hold_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nginx(tmp_path, monkeypatch, dumped(PACS))
    found = nginx_servers()
    assert found["nginx_fault"] == "" and json.loads(json.dumps(found))["nginx_servers"][1]["ports"] == [443]
    assert [server["file"] for server in found["nginx_servers"]] == [SITE, SITE]


def test_a_host_without_nginx_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "BINARY", str(tmp_path / "gone"))
    assert nginx_servers() == {"nginx_servers": [], "nginx_fault": ""}


def test_a_configuration_that_does_not_load_is_told_by_what_nginx_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = "2026/11/28 nginx: [emerg] unknown directive in /etc/nginx/nginx.conf:3\n"
    nginx(tmp_path, monkeypatch, "", status=1, complaint=complaint)
    assert nginx_servers() == {
        "nginx_servers": [],
        "nginx_fault": "the configuration of nginx does not load: unknown directive in /etc/nginx/nginx.conf:3",
    }
