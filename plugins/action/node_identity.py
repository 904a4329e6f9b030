# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(node_identity) gives a node the identity that the inventory orders, and has the node's services load it."""

from __future__ import annotations

from typing import Any

from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC as IDENTITY_SPEC
from ansible_collections.openimaging.orthanc.plugins.modules.node_identity import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import InventoryAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.service_failure import failure_text
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import (
    Service,
    load_options,
    readers_of,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.batches import batch_lines
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.identity_options import identity_options
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.role_templates import RoleTemplates

_IDENTITY = {name: option for name, option in IDENTITY_SPEC.items() if name != "enrolment"}
_TOLD = ("changed", "failed", "msg", "warnings", "diff", "renewed", "reason", "not_after", "held")


class ActionModule(InventoryAction):
    """One task for what a rollover changes on a node: neither packages nor configuration."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task for one host."""
        asked = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        fleet, host = self.fleet(variables), str(variables["inventory_hostname"])
        node = fleet.node(host)
        self._say_how_far(host, variables)
        if asked["release"] and not self._task.check_mode:
            self._checked(variables, "certificate_generation", {"path": node.identity_path, "state": "released"})
        options = identity_options(fleet, host, RoleTemplates(self, ("identity",), variables).defaults, _IDENTITY)
        found = self._certificate({**options, "trust_only": asked["trust_only"]}, variables)
        result = {name: found[name] for name in _TOLD if name in found}
        if found.get("failed") or self._task.check_mode:
            return result
        for service in readers_of(node):
            told = {"service": service.name, **load_options(node, service, node.identity_path)}
            loaded = self.on_node(variables, "openimaging.orthanc.service_load", told)
            result["changed"] = bool(result.get("changed") or loaded.get("changed"))
            if loaded.get("failed"):
                return {**result, "failed": True, "msg": _failure(node, service, loaded)}
        return result

    def _say_how_far(self, host: str, variables: dict[str, Any]) -> None:
        batch = variables.get("ansible_play_batch") or [host]
        if host == batch[0]:
            run, left = variables.get("ansible_play_hosts_all", batch), variables.get("ansible_play_hosts", batch)
            if lines := batch_lines(batch, run, left):
                Display().display("\n".join(lines))

    def _certificate(self, options: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Do what the module C(certificate) would do in a task of its own."""
        task = self._task.copy()
        task.args = options
        action = self._shared_loader_obj.action_loader.get(
            "openimaging.orthanc.certificate",
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        found: dict[str, Any] = action.run(task_vars=variables)
        return found

    def _checked(self, variables: dict[str, Any], name: str, arguments: dict[str, Any]) -> None:
        answer = self.on_node(variables, f"openimaging.orthanc.{name}", arguments)
        if answer.get("failed"):
            raise OrthancTlsError(f"{variables['inventory_hostname']}: {answer.get('msg')}")


def _failure(node: Node, service: Service, answer: dict[str, Any]) -> str:
    """A failure that says nothing of what is live came from Ansible or from a wrong option."""
    return failure_text(node.host, service, answer) if "restored" in answer else str(answer.get("msg"))
