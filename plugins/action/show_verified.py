# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(show_verified) prints what a verification has shown, and how the fleet stands; with C(-v) the whole tables."""

from __future__ import annotations

from typing import Any

from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.modules.show_verified import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.standing import standing_lines
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.done import done_lines
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.shown import Verified


class ActionModule(LocalAction):
    """Show what was tried on some hosts."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        fleet = self.fleet(variables)
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        hosts, hostvars = options["hosts"], variables["hostvars"]
        verified = Verified.of(hosts, [peer.strip() for peer in options["peers"]], hostvars, options["callers"])
        left = [host for host in variables["ansible_play_hosts_all"] if host not in hosts]
        lines, failures = verified.lines(fleet, done_lines(hosts, hostvars), left)
        if options["closes"]:
            through = {host: hostvars[host] for host in hosts if host not in failures}
            lines += standing_lines(fleet.hosts, through, variables["ansible_play_hosts_all"], verified.leaf_ends())
        shown = [*verified.tables(), *lines] if Display().verbosity else lines
        Display().display("\n".join(shown))
        return {"changed": False, "failures": failures}
