# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of the files that a node should have, made by the templates of the roles that write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.deny_list import deny_list_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import mapping_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.role_templates import RoleTemplates

ROLES = ("identity", "orthanc", "frontend")
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

    def _backend(self) -> dict[str, Any]:
        """Return what the playbooks tell the role of the Orthanc behind it."""
        config = mapping_of(self.node.host, self.variables, "orthanc_config")
        return {
            "frontend_backend": f"http://127.0.0.1:{self.node.http_port}",
            "frontend_backend_threads": config.get("HttpThreadsCount", _THREADS),
        }
