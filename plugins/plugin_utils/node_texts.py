# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of the files that a node should have, made by the templates of the roles that write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_duration
from ansible_collections.openimaging.orthanc.plugins.module_utils.metrics import places
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import BACKDATED
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.deny_list import deny_list_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import mapping_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.metrics_folder import metrics_dir
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.role_templates import RoleTemplates

ROLES = ("identity", "orthanc", "frontend")
_PROGRAM = Path(__file__).parents[1] / "module_utils" / "metrics" / "node_program.py"
_THREADS = 50  # of Orthanc's web server, where nothing else is configured


@dataclass(frozen=True)
class NodeTexts:
    """The texts for one node; C(variables) are those that the inventory has for it.

    Of a role that is used on its own (C(role_alone)), all variables are the task's.
    """

    node: Node
    roles: RoleTemplates
    variables: Mapping[str, Any]
    role_alone: bool = False

    def orthanc(self, civetweb: Mapping[str, Any]) -> Mapping[str, str]:
        """Return Orthanc's files by path, by what is C(needed) for its web server, and the C(orthanc_version)."""
        templates = {
            "orthanc.json.j2": location.SETTINGS,
            "openssl.cnf.j2": location.OPENSSL,
            "unit.conf.j2": location.DROP_IN,
        }
        return {
            path: self.roles.render("orthanc", template, __orthanc_civetweb=civetweb)
            for template, path in templates.items()
        }

    def deny_list(self) -> str:
        """Return the front-end's list of revoked certificates."""
        return deny_list_of(str(self.variables.get("orthanc_ca_dir") or ""))

    def site(self, nginx: Mapping[str, Any] | None) -> str:
        """Return the front-end's server file, by what was seen of nginx and its other sites."""
        backend = {} if self.role_alone else self._backend()
        return self.roles.render("frontend", f"{self.node.engine.name}.conf.j2", **backend, __frontend_nginx=nginx)

    def trial(self, nginx: Mapping[str, Any] | None) -> str:
        """Return the same without what only a run puts on the node, for nginx to try."""
        name = f"{self.node.engine.name}.conf.j2"
        return self.roles.render("frontend", name, __frontend_nginx=nginx, __frontend_trial=True)

    def metrics(self) -> Mapping[str, str]:
        """Return the files of the metrics' timer by path, none where it is off."""
        folder = metrics_dir(self.variables.get("orthanc_metrics_dir"))
        if not folder:
            return {}
        known = {"folder": folder, "output": f"{folder}/{places.NAME}", "arguments": self._metrics_arguments(folder)}
        return {
            places.PROGRAM: _PROGRAM.read_text(encoding="utf-8"),
            **{
                f"/etc/systemd/system/{unit}": self.roles.render("orthanc", f"{unit}.j2", __orthanc_metrics=known)
                for unit in (places.SERVICE_UNIT, places.TIMER_UNIT)
            },
        }

    def _metrics_arguments(self, folder: str) -> list[str]:
        renew_before = self.variables.get("identity_renew_before")
        window = parse_duration(renew_before, "identity_renew_before") if renew_before else timedelta(0)
        asked = {
            "node": self.node.host,
            "identity": self.node.identity_path,
            "port": self.node.https_port,
            "server-name": self.node.fqdn,
            "output": f"{folder}/{places.NAME}",
            "renew-before": int(window.total_seconds()),
            "backdated": int(BACKDATED.total_seconds()),
            "server-certificate": location.SERVER_CERTIFICATE if self.node.server_certificate else "",
        }
        return [places.PROGRAM, *(f"--{name}={value}" for name, value in asked.items())]

    def _backend(self) -> dict[str, Any]:
        """Return what the playbooks tell the role of the Orthanc behind it."""
        config = mapping_of(self.node.host, self.variables, "orthanc_config")
        return {
            "frontend_backend": f"http://127.0.0.1:{self.node.http_port}",
            "frontend_backend_threads": config.get("HttpThreadsCount", _THREADS),
        }
