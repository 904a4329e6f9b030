# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(follow_plan) lets a host that is blocked leave the run, and puts the others where they belong."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.modules.follow_plan import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction


class ActionModule(LocalAction):
    """Do with one host what the plan says, as C(ansible.builtin.group_by) and C(ansible.builtin.fail) do."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        host = variables["inventory_hostname"]
        if options["blockers"]:
            raise OrthancTlsError(f"{host}: {' '.join(options['blockers'])} Nothing was changed on this node.")
        group = options["group"] if host in options["applies_to"] else f"{options['group']}_not"
        return {"changed": False, "add_group": group, "parent_groups": ["all"]}
