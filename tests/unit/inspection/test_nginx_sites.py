# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nginx of a host, without one of its sites."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection import nginx_surroundings
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.nginx_sites import NginxSites, nginx_sites
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.nginx_surroundings import site_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.port_holders import Holder
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import program
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.configuration import Listener
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.program import Versions

DEBIAN = Versions("1.26.3", "3.5.9")
SITE = "/etc/nginx/sites-enabled/zz-orthanc.conf"
DUMP = """# configuration file /etc/nginx/nginx.conf:
http { include /etc/nginx/sites-enabled/*; }
# configuration file /etc/nginx/sites-enabled/pacs.conf:
server { listen 80; server_name pacs.example.org; }
server { listen 443 ssl; server_name pacs.example.org; }
server { listen 8443 ssl; }
"""


def found(monkeypatch: pytest.MonkeyPatch, dump: Any, versions: Any = DEBIAN) -> NginxSites:
    def answer(value: Any) -> Any:
        if isinstance(value, Exception):
            raise value
        return value

    monkeypatch.setattr(program, "versions", lambda: answer(versions))
    monkeypatch.setattr(program, "dump_without", lambda site: answer(dump))
    return nginx_sites(SITE, [80, 443])


def test_another_site_with_the_same_name_on_443_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = found(monkeypatch, DUMP)
    file, names = "/etc/nginx/sites-enabled/pacs.conf", ("pacs.example.org",)
    assert (seen.installed, seen.version, seen.openssl_version, seen.fault) == (True, "1.26.3", "3.5.9", None)
    assert list(seen.other_listeners) == [
        Listener("0.0.0.0", 80, file, names),
        Listener("0.0.0.0", 443, file, names),
    ]


def test_without_nginx_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = found(monkeypatch, AssertionError(), None)
    assert (seen.installed, seen.version, seen.other_listeners, seen.fault) == (False, None, (), None)


@pytest.mark.parametrize(
    ("trouble", "text"),
    [
        (OrthancTlsError("nginx's own configuration does not load, also without it: line 3."), "line 3"),
        (OrthancTlsError("/etc/nginx/nginx.conf has no line that includes zz-orthanc.conf"), "no line that includes"),
        (FileNotFoundError(2, "No such file or directory", "/etc/nginx"), "/etc/nginx"),
        (subprocess.TimeoutExpired("nginx", 60), "timed out"),
    ],
    ids=["does not load", "does not include the folder", "has no folder", "hangs"],
)
def test_a_configuration_that_cannot_be_read_is_told_and_no_failure(
    trouble: Exception, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = found(monkeypatch, trouble)
    assert (seen.installed, seen.version, seen.other_listeners) == (True, "1.26.3", ())
    assert seen.fault and text in seen.fault


def test_an_nginx_that_does_not_say_its_version_is_installed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = found(monkeypatch, DUMP, OrthancTlsError("names no version"))
    assert (seen.installed, seen.version, seen.fault) == (True, None, "names no version")


def test_nginx_info_fails_where_the_look_only_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, OrthancTlsError("does not load"))
    with pytest.raises(OrthancTlsError, match="does not load"):
        site_facts(SITE, [443])


def test_nginx_info_tells_what_the_look_tells_and_who_holds_the_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nginx_surroundings, "holders", lambda ports: [Holder(443, "nginx", 1)])
    found(monkeypatch, DUMP)
    facts = site_facts(SITE, [443])
    assert facts["port_holders"] == [{"port": 443, "program": "nginx", "process": 1}]
    assert [listener["port"] for listener in facts["other_listeners"]] == [443]
    assert facts.keys() - {"port_holders", "certificate_sha256"} == set(NginxSites.__dataclass_fields__) - {"fault"}
    found(monkeypatch, DUMP, None)
    assert site_facts(SITE, [443])["port_holders"] == []
