# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(show_plan) prints the plan of a run in lines of its own, readable whatever callback shows results."""

from __future__ import annotations

from typing import Any

from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.modules.show_plan import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import applies_to, plan_lines, planned


class ActionModule(LocalAction):
    """Show what the looks at some hosts led to."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        hosts = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]["hosts"]
        plans = planned(hosts, variables["hostvars"])
        Display().display("\n".join(plan_lines(plans)))
        return {"changed": False, "applies_to": applies_to(plans, self.fleet(variables))}
