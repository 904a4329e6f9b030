# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node should have when a run is done, as far as it can be compared with a look."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from ansible_collections.openimaging.orthanc.plugins.module_utils.metrics import places
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.logs import GROUP as LOG_GROUP
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.logs import MODE as LOG_MODE
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import Service, service_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook

ORTHANC = "orthanc"
FRONTEND = "frontend"
METRICS = "metrics"


@dataclass(frozen=True)
class WantedFile:
    """A file or folder that C(service) reads. Without C(text) only owner and mode count; a log may have any owner."""

    path: str
    service: str
    mode: int
    group: str
    text: str | None = field(default=None, repr=False)
    owner: str | None = "root"

    @property
    def sha256(self) -> str | None:
        """The SHA-256 of the text in lower-case hex."""
        return None if self.text is None else hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class WantedNode:
    """What one node should have. C(packages) are those that a run would install, C(site) is the front-end's file.

    C(metrics) is the folder in which its metrics are written, empty for none; C(retired) are files of a timer that then
    must not be there.
    """

    node: Node
    packages: tuple[str, ...]
    services: tuple[Service, ...]
    files: tuple[WantedFile, ...]
    absent: tuple[str, ...]
    metrics: str = ""
    retired: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Whether a service of that name is wanted."""
        return any(service.name == name for service in self.services)

    @property
    def host(self) -> str:
        """The node's name in the inventory."""
        return self.node.host


class Texts(Protocol):
    """Where the texts of a node's files come from. They depend on what a look has seen: versions, and other sites."""

    def orthanc(self, civetweb: Mapping[str, Any]) -> Mapping[str, str]:
        """Return Orthanc's files by path, by what is C(needed) for its web server, and the C(orthanc_version)."""

    def deny_list(self) -> str:
        """Return the front-end's list of revoked certificates."""

    def site(self, nginx: Mapping[str, Any] | None) -> str:
        """Return the front-end's server file, by what was seen of nginx and its other sites."""

    def metrics(self) -> Mapping[str, str]:
        """Return the files of the metrics' timer by path, none where it is off."""


def wanted_node(
    node: Node,
    packages: Sequence[str],
    texts: Texts | None = None,
    look: NodeLook | None = None,
    *,
    part: str | None = None,
    metrics: str = "",
) -> WantedNode:
    """Return what a node should have, or one service of it, the C(part).

    Without C(texts) the contents of its files are left open. C(metrics) is the folder of its metrics.
    """
    frontend = node.tls_mode == FRONTEND
    names = [name for name in (ORTHANC, FRONTEND) if part in (None, name) and (name == ORTHANC or frontend)]
    files: list[WantedFile] = []
    if ORTHANC in names:
        files += orthanc_files(texts.orthanc(_civetweb(look)) if texts else {})
    if FRONTEND in names:
        denied, site = (texts.deny_list(), texts.site(_nginx(look))) if texts else (None, None)
        files += _frontend_files(node, denied, site)
    if metrics and part != FRONTEND:
        files += metrics_files(texts.metrics() if texts else {})
    absent = () if frontend or part == ORTHANC else (node.engine.site, service_of(node, FRONTEND).record)
    services = tuple(service_of(node, name) for name in names)
    retired = () if metrics or part == FRONTEND else places.FILES
    return WantedNode(node, tuple(packages), services, tuple(files), absent, metrics, retired)


def _civetweb(look: NodeLook | None) -> dict[str, Any]:
    return {
        "needed": look.civetweb.needed if look and look.civetweb else None,
        "orthanc_version": look.orthanc_version if look else None,
    }


def _nginx(look: NodeLook | None) -> dict[str, Any] | None:
    return asdict(look.nginx) if look and look.nginx else None


def deny_list_path(identity_path: str) -> str:
    """Return where a front-end has its list of revoked certificates: beside the generations, which it outlives."""
    return f"{identity_path}/revoked.conf"


def orthanc_files(texts: Mapping[str, str]) -> list[WantedFile]:
    """Return what Orthanc reads beside its identity, in the order in which it is written."""
    return [
        WantedFile(location.FOLDER, ORTHANC, 0o750, "orthanc"),
        WantedFile(location.SETTINGS, ORTHANC, 0o640, "orthanc", texts.get(location.SETTINGS)),
        WantedFile(location.OPENSSL, ORTHANC, 0o640, "orthanc", texts.get(location.OPENSSL)),
        WantedFile(os.path.dirname(location.DROP_IN), ORTHANC, 0o755, "root"),
        WantedFile(location.DROP_IN, ORTHANC, 0o644, "root", texts.get(location.DROP_IN)),
    ]


def metrics_files(texts: Mapping[str, str]) -> list[WantedFile]:
    """Return the program that writes a node's metrics, and the units that run it."""
    return [WantedFile(path, METRICS, 0o644, "root", texts.get(path)) for path in places.FILES]


def _frontend_files(node: Node, denied: str | None, text: str | None) -> list[WantedFile]:
    logs = (node.engine.access_log, node.engine.error_log)
    return [
        WantedFile(deny_list_path(node.identity_path), FRONTEND, 0o644, "root", denied),
        WantedFile(node.engine.site, FRONTEND, 0o644, "root", text),
        *(WantedFile(log, FRONTEND, LOG_MODE, LOG_GROUP, owner=None) for log in logs),
    ]
