# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(ansible_module) executes a module of Ansible's own on a node; its answer is data, as that of our own modules is."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimaging.orthanc.plugins.modules.ansible_module import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import InventoryAction


class ActionModule(InventoryAction):
    """Execute it, and take of its answer whether it failed or changed something."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Return what is taken of the answer."""
        asked = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        return self.on_node(variables, f"ansible.builtin.{asked['name']}", asked["options"])
