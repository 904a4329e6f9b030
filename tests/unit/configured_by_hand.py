# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Orthanc that was configured by hand, in a folder of its own, and what adopt makes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.servers import servers
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.configuration import configuration_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.unit import Unit
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.secrets import Reference
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.variables import Adoption, adopt
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.orthanc.settings import orthanc_settings

Hosts = Mapping[str, Mapping[str, Any]]
ALONE: Hosts = MappingProxyType({"pacs": {"orthanc_fqdn": "pacs.example.org"}})


def found(folder: Path, text: str, *, secrets: bool = False, nginx: str = "") -> dict[str, Any]:
    """What the module returns for an C(orthanc.json) with this text; C(nginx) is what C(nginx -T) says."""
    (folder / "orthanc.json").write_text(text)
    return answered(Unit(str(folder), {}, ()), secrets=secrets, nginx=nginx)


def answered(unit: Unit, *, secrets: bool = False, nginx: str = "") -> dict[str, Any]:
    """What the module returns for a unit."""
    sites = [asdict(server) for server in servers(nginx)]
    return {**configuration_of(unit, secrets=secrets), "nginx_servers": sites, "nginx_fault": ""}


def adopted_text(folder: Path, text: str, hosts: Hosts = ALONE, nginx: str = "") -> Adoption:
    """What the first host becomes that has this C(orthanc.json)."""
    host = next(iter(hosts))
    return adopt(found(folder, text, nginx=nginx), host, Fleet(hosts, {"orthanc": list(hosts)}))


def adopted(folder: Path, hosts: Hosts = ALONE, **settings: Any) -> Adoption:
    """The same for settings."""
    return adopted_text(folder, json.dumps(settings), hosts)


def converged(adoption: Adoption, hosts: Hosts = ALONE) -> dict[str, Any]:
    """The C(orthanc.json) that the role makes of the first host's variables; each secret is a word in it."""
    host = next(iter(hosts))
    variables = _told({**hosts[host], **adoption.variables})
    view = Fleet({**hosts, host: variables}, {"orthanc": list(hosts)})
    return orthanc_settings(
        view.node(host),
        view.peers(host, "/i/server.pem"),
        variables["orthanc_config"],
        identity="/i",
        unchecked_keys=variables.get("orthanc_unchecked_keys", ()),
    )


def _told(value: Any) -> Any:
    if isinstance(value, Reference):
        return f"told by {value.variable}"
    if isinstance(value, Mapping):
        return {key: _told(item) for key, item in value.items()}
    return [_told(item) for item in value] if isinstance(value, list) else value
