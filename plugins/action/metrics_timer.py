# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of C(metrics_timer): the files of the timer, as the plan of a run has them."""

from __future__ import annotations

import base64
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import InventoryAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.node_texts import ROLES, NodeTexts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import metrics_files
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.role_templates import RoleTemplates


class ActionModule(InventoryAction):
    """Render the files, and let the node write them."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task for one host."""
        fleet, host = self.fleet(variables), variables["inventory_hostname"]
        roles = RoleTemplates(self, ROLES, variables)
        texts = NodeTexts(fleet.node(host), roles, fleet.variables(host, roles.defaults)).metrics()
        files = [
            {
                "path": file.path,
                "content": base64.b64encode((file.text or "").encode()).decode(),
                "mode": f"{file.mode:04o}",
                "owner": "root",
                "group": file.group,
            }
            for file in (metrics_files(texts) if texts else ())
        ]
        answer = self.on_node(variables, self._task.action, {"files": files})
        answer.pop("before", None)
        return answer
