# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of C(node_files): the texts of Orthanc's files, as the plan of a run has them."""

from __future__ import annotations

import base64
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import InventoryAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.node_texts import ROLES, NodeTexts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import WantedFile, orthanc_files
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.role_templates import RoleTemplates


class ActionModule(InventoryAction):
    """Render Orthanc's files, and let the node write them."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task for one host."""
        node = self.fleet(variables).node(variables["inventory_hostname"])
        texts = NodeTexts(node, RoleTemplates(self, ROLES, variables), {})
        civetweb = self._task.args.get("civetweb") or {}
        files = orthanc_files(texts.orthanc({"needed": None, "orthanc_version": None, **civetweb}))
        # What is served no more is removed once orthanc.json names it no more.
        absent = [] if node.server_certificate else [location.SERVER_CERTIFICATE]
        answer = self.on_node(variables, self._task.action, {"files": [*map(_option, files)], "absent": absent})
        before = answer.pop("before", None) or {}
        if self._task.diff and not answer.get("failed"):
            answer["diff"] = [_diff(file, before[file.path]) for file in files if file.path in before]
        return answer


def _option(file: WantedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "content": None if file.text is None else base64.b64encode(file.text.encode()).decode(),
        "mode": f"{file.mode:04o}",
        "owner": file.owner,
        "group": file.group,
        "settings": file.path == location.SETTINGS,
    }


def _diff(file: WantedFile, before: str | None) -> dict[str, str]:
    if before is None:
        return {"prepared": f"{file.path}: its content holds passwords, and is not shown\n"}
    return {"before_header": file.path, "after_header": file.path, "before": before, "after": file.text or ""}
