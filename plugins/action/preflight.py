# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(preflight) says what is wrong with a run before any host is looked at. Nothing is sent to a host.

It loads where the rest of the collection does not, to say that Ansible or Python is too old: this file, and all of the
collection that it imports, must work with Python 3.8.
"""

from __future__ import annotations

import sys
from typing import Any

from ansible import context
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as ansible_version

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.modules.preflight import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.known_variables import (
    OWN_VARIABLES,
    unknown_variables,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.started_run import misplaced_tags, too_old


class ActionModule(ActionBase):
    """Check with what the run was started."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task on the control node."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        complaints = too_old(ansible_version, sys.version_info[:3]) or self._complaints(task_vars or {})
        if not complaints:
            return {**result, "changed": False}
        # In the middle of a run, where facts are looked at, something may have been changed.
        end = "" if self._task.args.get("host_facts") else "\nNothing was changed."
        return {**result, "failed": True, "msg": complaints + end}

    def _complaints(self, task_vars: dict[str, Any]) -> str:
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        if not options["hosts"]:
            return str(options["fail_msg"])
        try:
            if options["host_facts"]:
                # Late, as it would not load where Python is too old.
                from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.inventory import refuse_facts

                refuse_facts(task_vars["inventory_hostname"], task_vars["hostvars"])
            hosts = options["hosts"]
            complaints = [_tags(), _variables(hosts, task_vars), _names(hosts, task_vars), _clients(hosts, task_vars)]
            if not options["host_facts"]:
                complaints.append(self._values(hosts, task_vars))
            return "\n".join(filter(None, complaints)) or self._of_the_play(hosts, task_vars)
        except OrthancTlsError as error:
            return str(error)

    def _values(self, hosts: list[str], task_vars: dict[str, Any]) -> str:
        # Late, as they would not load where Python is too old.
        from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC as IDENTITY_SPEC
        from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.inventory import without_facts
        from ansible_collections.openimaging.orthanc.plugins.plugin_utils.node_texts import ROLES
        from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wrong_inventory import (
            Inventory,
            wrong_inventory,
        )
        from ansible_collections.openimaging.orthanc.plugins.plugin_utils.role_templates import RoleTemplates

        identity = {name: option for name, option in IDENTITY_SPEC.items() if name != "enrolment"}
        defaults = RoleTemplates(self, ROLES, task_vars).defaults
        hostvars = without_facts(task_vars["hostvars"])
        run = task_vars["ansible_play_hosts_all"]
        return wrong_inventory(Inventory(hostvars, task_vars["groups"], defaults, identity, run), hosts)

    def _of_the_play(self, hosts: list[str], task_vars: dict[str, Any]) -> str:
        # Late, as they would not load where Python is too old.
        from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet import play_variables
        from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.host_variables import TaskVariables
        from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.inventory import without_facts

        host, hostvars = task_vars["inventory_hostname"], task_vars["hostvars"]
        written = play_variables.written_otherwise(task_vars, hostvars.raw_get(host)) if host in hosts else []
        if written:
            of_task = TaskVariables(self._loader, task_vars)
            play_variables.refuse_play_variables(host, of_task, without_facts(hostvars)[host], written)
        return ""


def _tags() -> str:
    arguments = context.CLIARGS
    return misplaced_tags(arguments.get("args", ()), arguments.get("tags", ()), arguments.get("skip_tags", ()))


def _variables(hosts: list[str], task_vars: dict[str, Any]) -> str:
    # Late, as it would not load where Python is too old.
    from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.host_variables import HostVariables

    variables = {host: HostVariables(host, task_vars["hostvars"][host]) for host in hosts}
    # A playbook that imports ours may set variables for its plays; only the host that has this task shows them.
    of_the_play = {task_vars["inventory_hostname"]: task_vars}
    names = {host: {*its, *of_the_play.get(host, ())} for host, its in variables.items()}
    return unknown_variables(names, {host: its.get(OWN_VARIABLES, []) for host, its in variables.items()})


def _names(hosts: list[str], task_vars: dict[str, Any]) -> str:
    # Late, as they would not load where Python is too old.
    from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.inventory import without_facts
    from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.shared_names import shared_names

    inventory = without_facts(task_vars["hostvars"])
    return shared_names({host: inventory[host] for host in hosts})


def _clients(hosts: list[str], task_vars: dict[str, Any]) -> str:
    # Late, as they would not load where Python is too old.
    from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.names import (
        listed_names,
        shared_client_names,
    )
    from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.host_variables import HostVariables
    from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.inventory import without_facts

    variables = HostVariables(hosts[0], without_facts(task_vars["hostvars"])[hosts[0]])
    return shared_client_names(listed_names(variables.get("orthanc_clients") or []), hosts)
