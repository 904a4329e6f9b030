# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of C(tls_probe): a failure prints its table in lines, whatever callback shows results."""

from __future__ import annotations

from typing import Any

from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import InventoryAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain


class ActionModule(InventoryAction):
    """Execute the module on the node, and print the table of a failure, unless the task decides itself what fails."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Return what the module answered."""
        answer = self.on_node(variables, self._task.action, self._task.args)
        if answer.get("failed") and answer.get("table") and not (self._task.failed_when or self._task.until):
            host = self._asked(variables)
            Display().display("\n".join([f"{host}:", *map(plain, str(answer["table"]).splitlines())]))
        return answer
