# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(show_standing) prints how the fleet stands at the end of a run."""

from __future__ import annotations

from typing import Any

from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.modules.show_standing import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.standing import standing_lines


class ActionModule(LocalAction):
    """Show it once for a run."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        hosts, fleet = options["hosts"], self.fleet(variables)
        seen = {host: variables["hostvars"][host] for host in hosts}
        Display().display("\n".join(standing_lines(fleet.hosts, seen, options["run"])))
        return {"changed": False}
