# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(show_verified) prints what a verification has shown, in lines of its own; with C(-v) the whole tables."""

from __future__ import annotations

from typing import Any

from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.modules.show_verified import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.verified import tables, verified_lines


class ActionModule(LocalAction):
    """Show what was tried on some hosts."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        hosts, hostvars = options["hosts"], variables["hostvars"]
        display = Display()
        if display.verbosity:
            display.display("\n".join(tables(hosts, hostvars)))
        display.display("\n".join(verified_lines(hosts, hostvars, self.fleet(variables), options["peers"])))
        return {"changed": False}
