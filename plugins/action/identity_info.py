# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of C(identity_info): where the inventory says that identity and services are."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import InventoryAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import look_options


class ActionModule(InventoryAction):
    """Tell the node where to look."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task for one host, which for a delegated task is the one that it is delegated to."""
        node = self.fleet(variables).node(self._asked(variables))
        return self.on_node(variables, self._task.action, {**look_options(node), **self._task.args})
