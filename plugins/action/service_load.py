# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of C(service_load): what the inventory says of the service, and what a failure means."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import InventoryAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.service_failure import cut_text, failure_text
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import load_options, service_of


class ActionModule(InventoryAction):
    """Tell the node about its service."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task for one host, which for a delegated task is the one that it is delegated to."""
        task = dict(self._task.args)
        node = self.fleet(variables).node(self._asked(variables))
        service = service_of(node, task["service"])
        told = load_options(node, service, task.get("identity") or node.identity_path)
        answer = self.on_node(variables, self._task.action, {**told, **task})
        # A failure that says nothing of what is live came from Ansible or from a wrong option.
        if answer.get("failed") and "restored" in answer:
            return {"failed": True, "changed": answer["changed"], "msg": failure_text(node.host, service, answer)}
        cut = answer.get("cut")
        if isinstance(cut, int) and cut > 0:
            answer["warnings"] = [cut_text(node.host, service, cut)]
        return answer
