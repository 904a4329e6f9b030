# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(show_rollback) prints what a rollback will do on each node."""

from __future__ import annotations

from typing import Any

from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.modules.show_rollback import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.interruptions import costs
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollback_shown import rollback_lines


class ActionModule(LocalAction):
    """Show it once for all hosts of the play."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        hosts, hostvars = options["hosts"], variables["hostvars"]
        targets = {host: hostvars[host].get("rollback_target") or {} for host in hosts}
        lines = rollback_lines(targets, costs(self.fleet(variables), hosts), release=options["release"])
        Display().display("\n".join(lines))
        return {"changed": False}
