# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of C(certificate_info), and of all modules that only run on a node (meta/runtime.yml)."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import InventoryAction


class ActionModule(InventoryAction):
    """Execute the task's module, and take no facts from its answer."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Return what the module answered."""
        return self.on_node(variables, self._task.action, self._task.args)
