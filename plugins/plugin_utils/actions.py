# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every action plugin of the collection has in common: the inventory decides, and a node's answer is data."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.module_utils.json_utils import _filter_non_json_lines
from ansible.plugins.action import ActionBase

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.taken import escaped, taken
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.host_variables import TaskVariables
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.inventory import (
    overridden,
    refuse_facts,
    without_facts,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.play_variables import refuse_play_variables
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import GROUP, Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain, plain_lines

_NO_ANSWER = (AttributeError, KeyError, TypeError, ValueError, RecursionError)
_RESERVED = ("add_host", "add_group", "deprecations")  # beside what begins with _ansible_
_DISCOVERED = ("discovered_interpreter_", "ansible_discovered_interpreter_")  # by Ansible itself, on the control node


class InventoryAction(ActionBase):
    """An action that refuses to work for a host whose facts override the inventory."""

    _supports_async = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task for one host."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            for host in dict.fromkeys((variables["inventory_hostname"], self._asked(variables))):
                refuse_facts(host, variables["hostvars"])
            return {**result, **self.outcome(variables)}
        except OrthancTlsError as error:
            return {**result, "failed": True, "msg": str(error)}

    @abstractmethod
    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Return the task's result; an C(OrthancTlsError) fails it."""

    def fleet(self, variables: Mapping[str, Any]) -> Fleet:
        """Return what the inventory says of the fleet; what concerns no other host may also come from the task."""
        host, hostvars = str(variables["inventory_hostname"]), without_facts(variables["hostvars"])
        if host not in variables["groups"].get(GROUP, ()):
            return Fleet(hostvars, variables["groups"])
        of_task = TaskVariables(self._loader, variables)
        refuse_play_variables(host, of_task, hostvars[host])
        return Fleet(hostvars, variables["groups"], {host: of_task})

    def on_node(self, variables: dict[str, Any], name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Execute a module of the collection on the node, and return what is taken of the answer."""
        answer = self.answer_of_node(variables, name, arguments)
        facts = {"ansible_facts": answer["ansible_facts"]} if answer.get("ansible_facts") else {}
        return taken(self._asked(variables), name, answer) | facts

    def answer_of_node(self, variables: dict[str, Any], name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Execute a module of the collection on the node, and return all of its answer; one with facts is an error."""
        host = self._asked(variables)
        answer = self._run_on(host, variables, name, arguments)
        facts = answer.get("ansible_facts") or {}
        if names := sorted(plain(fact) for fact in map(str, facts) if not fact.startswith(_DISCOVERED)):
            raise OrthancTlsError(overridden(host, names))
        return answer

    def _run_on(self, host: str, variables: dict[str, Any], name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._execute_module(
                module_name=name, module_args=dict(arguments), task_vars=variables
            )
        except _NO_ANSWER as error:
            raise OrthancTlsError(
                f"{host}: Ansible cannot read the node's answer to {name} ({type(error).__name__}); examine the node."
            ) from error
        except AnsibleError as error:
            raise _without_controls(host, name, error) from None
        except BaseException as error:
            # Of a delegated task it is the other host that does not answer: it must not fail the task's own host.
            if type(error).__name__ != "TaskTimeoutError":
                raise
            raise OrthancTlsError(
                f"{host}: gave no answer to {name} within {self._task.timeout} seconds; examine the node."
            ) from error
        return answer

    def _parse_returned_data(self, res: dict[str, Any], *profile: Any) -> Any:
        """Read a module's output. Ansible would print raw what stands beside the answer, and keys of its own in it."""
        output = plain_lines(str(res.get("stdout", "")).replace("\r\n", "\n"))  # a terminal ends lines with both
        return super()._parse_returned_data({**res, "stdout": _readable(output)}, *profile)

    def _asked(self, variables: Mapping[str, Any]) -> str:
        """Return the host that answers, which for a delegated task is another one than the task's."""
        return self._task.delegate_to or str(variables["inventory_hostname"])


def _readable(output: str) -> str:
    """Return a module's output with its warnings escaped, and without the keys that only Ansible itself may write."""
    try:
        answer = json.loads(_filter_non_json_lines(output, objects_only=True)[0])
    except ValueError:
        return output  # Ansible says so
    kept = {key: value for key, value in answer.items() if not (key.startswith("_ansible_") or key in _RESERVED)}
    if "warnings" in kept:
        kept["warnings"] = escaped(kept["warnings"])
    return output if kept == answer else json.dumps(kept)


def _without_controls(host: str, module: str, error: AnsibleError) -> Exception:
    """Return an error of Ansible's, which may have what a node's shell said, as one that may be printed."""
    said = str(error)
    if (shown := plain_lines(said)) == said:
        return error
    if isinstance(error, AnsibleConnectionFailure):
        return AnsibleConnectionFailure(shown)
    return OrthancTlsError(f"{host}: Ansible could not execute {module}: {shown}")


class LocalAction(InventoryAction):
    """An action that is done on the control node: nothing is sent to the host."""

    _requires_connection = False
