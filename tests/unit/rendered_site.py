# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orthanc's site as the role front-end writes it for nginx."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import jinja2
import yaml
from ansible.plugins.filter.core import FilterModule as CoreFilters
from ansible.plugins.filter.urlsplit import FilterModule as UrlFilters
from ansible.plugins.test.core import TestModule as CoreTests

from ansible_collections.openimaging.orthanc.plugins.filter.frontend import FilterModule
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.deny_list import deny_list
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.engines import ENGINES

ENGINE = ENGINES["nginx"]
ROLE = Path(__file__).parents[2] / "roles/frontend"
DEFAULTS = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
VARS = yaml.safe_load((ROLE / "vars/main.yml").read_text())
NGINX = {"version": "1.26.3", "openssl_version": "3.5.0", "ipv6": True, "processors": 2, "other_listeners": []}
OTHERS = [{"address": "0.0.0.0", "port": port, "file": "/other"} for port in (80, 443)]


def site(nginx: dict[str, Any], variables: dict[str, Any]) -> str:
    """The server file that the role writes."""
    environment = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False)
    environment.filters.update(CoreFilters().filters() | UrlFilters().filters())
    environment.filters.update({f"openimaging.orthanc.{name}": use for name, use in FilterModule().filters().items()})
    environment.tests.update(CoreTests().tests())
    known = {name: value for name, value in {**DEFAULTS, **VARS}.items() if "{{" not in str(value)}
    told = {
        "__frontend_nginx": {**NGINX, **nginx},
        "__frontend_engine": dataclasses.asdict(ENGINE),
        "__frontend_deny_list": deny_list([]),
        "__frontend_deny_list_path": "/etc/orthanc/tls/revoked.conf",
        "__frontend_identity": "/etc/orthanc/tls/current",
        "__frontend_names": ["archive.example.org", "192.0.2.7"],
        "ansible_managed": "managed",
    }
    template = environment.from_string((ROLE / "templates/nginx.conf.j2").read_text())
    return template.render({**known, **told, **variables})


def servers(text: str) -> list[str]:
    """The server blocks of a site."""
    return re.findall(r"^server \{$.*?^\}$", text, re.MULTILINE | re.DOTALL)
