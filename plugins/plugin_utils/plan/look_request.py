# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What C(node_look) is asked about a node, so that its answer decides what a run does there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.metrics import places
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import Service
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import FRONTEND, ORTHANC, WantedNode


def look_request(wanted: WantedNode, enrolment: Mapping[str, Any] | None, frontend_http_port: int) -> dict[str, Any]:
    """Return the options of C(node_look).

    C(enrolment) is what is asked of the identity. C(frontend_http_port) is 0 where the front-end has none for HTTP.
    """
    node = wanted.node
    orthanc, builtin = wanted.has(ORTHANC), node.tls_mode == "builtin"
    ports = [node.http_port, node.dicom_port] if orthanc else []
    if wanted.has(FRONTEND):
        ports += [node.https_port, frontend_http_port]
    current = f"{node.identity_path}/current"
    return {
        "path": node.identity_path,
        "packages": [*wanted.packages],
        "units": list(dict.fromkeys([location.UNIT, node.engine.unit, *_metrics_units(wanted)])),
        "files": [*_files(wanted), location.SERVER_CERTIFICATE],
        "hand_made": {"unit": location.UNIT} if orthanc else None,
        "folders": written_folders(node),
        "ports": [port for port in dict.fromkeys(ports) if port],
        "nginx_site": node.engine.site if builtin or wanted.has(FRONTEND) else None,
        "civetweb_shim": location.SHIM if builtin and orthanc else None,
        "enrolment": enrolment,
        "server_certificate": _server_certificate(node) if orthanc else None,
        "services": [_service(service, node, current) for service in wanted.services],
        "probes": [
            _without_password({**probe, "name": f"{service.name}: {probe['name']}"})
            for service in wanted.services
            for probe in service.probes(current)
        ],
    }


def _files(wanted: WantedNode) -> list[str]:
    folder = [wanted.metrics] if wanted.metrics else []
    return [*(file.path for file in wanted.files), *wanted.absent, *wanted.retired, *folder]


def _metrics_units(wanted: WantedNode) -> tuple[str, ...]:
    return (places.TIMER_UNIT, places.SERVICE_UNIT) if wanted.metrics else ()


def written_folders(node: Node) -> list[str]:
    """Return the folders in which a run writes, each of which may be on a file system of its own."""
    shim = [location.SHIM] if node.tls_mode == "builtin" else []
    return ["/etc", "/var/log", node.identity_path, *shim]


def _server_certificate(node: Node) -> dict[str, Any] | None:
    own = node.server_certificate
    if own is None:
        return None
    return {
        "path": location.SERVER_CERTIFICATE,
        "sources": [own.path],
        "server_name": node.fqdn,
        "ca_certificates": [*own.ca_certificates],
    }


def _service(service: Service, node: Node, current: str) -> dict[str, Any]:
    asked = {
        "name": service.name,
        "unit": service.unit,
        "record": service.record,
        "files": service.files(current),
        "certificate": service.certificate,
    }
    return {**asked, "port": service.port, "server_name": node.fqdn} if service.has_identity else asked


def _without_password(probe: Mapping[str, Any]) -> dict[str, Any]:
    """Orthanc's refusal is an answer too; what is hidden as a password would be hidden wherever it stands in a look."""
    asked = {name: value for name, value in probe.items() if name not in ("username", "password")}
    return {**asked, "status": [200, 401, 403]}
