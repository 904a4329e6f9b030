# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What C(node_look) is asked about a node, so that its answer decides what a run does there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import Service
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import Order
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import WantedNode

_NODE_OPTIONS = ("owner", "group", "keep")


def look_request(
    wanted: WantedNode, order: Order, options: Mapping[str, Any], frontend_http_port: int, now: datetime
) -> dict[str, Any]:
    """Return the options of C(node_look).

    C(options) are those of the node's identity. C(frontend_http_port) is 0 where the front-end has none for HTTP.
    """
    node = wanted.node
    builtin = node.tls_mode == "builtin"
    ports = [node.http_port, node.dicom_port, *([] if builtin else [node.https_port, frontend_http_port])]
    current = f"{node.identity_path}/current"
    return {
        "path": node.identity_path,
        "packages": [*wanted.packages],
        "units": list(dict.fromkeys([location.UNIT, node.engine.unit])),
        "files": [*(file.path for file in wanted.files), *wanted.absent, location.SERVER_CERTIFICATE],
        "hand_made": {"packaged": [*location.PACKAGED]},
        "folders": written_folders(node),
        "ports": [port for port in dict.fromkeys(ports) if port],
        "nginx_site": node.engine.site,
        "civetweb_shim": location.SHIM if builtin else None,
        "enrolment": _enrolment(order, options, now),
        "server_certificate": _server_certificate(node),
        "services": [_service(service, node, current) for service in wanted.services],
        "probes": [
            _without_password({**probe, "name": f"{service.name}: {probe['name']}"})
            for service in wanted.services
            for probe in service.probes(current)
        ],
    }


def written_folders(node: Node) -> list[str]:
    """Return the folders in which a run writes, each of which may be on a file system of its own."""
    shim = [location.SHIM] if node.tls_mode == "builtin" else []
    return ["/etc", "/var/log", node.identity_path, *shim]


def _enrolment(order: Order, options: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    request = order.request(now, any_issuer=options["allow_issuer_change"]).to_arguments()
    return {
        **{name: options[name] for name in _NODE_OPTIONS},
        "enrolment": {"step": "inspect", "spec": order.spec.to_arguments(), **request},
    }


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
