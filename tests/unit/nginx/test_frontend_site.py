# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the site says, whatever the variables come from."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rendered_site import OTHERS, servers, site


@pytest.mark.parametrize("nginx", [{}, {"other_listeners": OTHERS}], ids=["alone", "beside another site"])
@pytest.mark.parametrize(("https", "http"), [(443, 80), (8443, 8080), (443, 0)])
def test_ports_as_text_are_the_ports(nginx: dict[str, Any], https: int, http: int) -> None:
    numbers: dict[str, Any] = {"frontend_https_port": https, "frontend_http_port": http}
    assert site(nginx, {name: str(value) for name, value in numbers.items()}) == site(nginx, numbers)


@pytest.mark.parametrize(
    "names", [["pacs.example.org"], ["pacs.example.org", "192.0.2.7"]], ids=["a name", "an address"]
)
@pytest.mark.parametrize("others", [[], OTHERS], ids=["alone", "beside another site"])
def test_a_server_for_foreign_names_answers_nothing_but_a_refusal(names: list[str], others: list[Any]) -> None:
    """A client may shake hands under Orthanc's name and then ask for another one: that request is this server's."""
    text = site({"other_listeners": others}, {"__frontend_names": names})
    foreign = [server for server in servers(text) if "server_name _;" in server]
    assert len(foreign) == 2
    assert [server.count("default_server") for server in foreign] == ([1, 1] if others else [2, 2])
    secure, plain = foreign
    assert re.findall(r"^    return (.*);$", secure, re.MULTILINE) == ["421"]
    assert re.findall(r"^    return (.*);$", plain, re.MULTILINE) == ["444"]
    assert ("ssl_reject_handshake on;" in secure) == (len(names) == 1)
