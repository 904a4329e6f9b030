# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(rollover_gate) decides for the whole group where a rollover stands, lets the CA take its step, and says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.modules.ca import ARGUMENT_SPEC as CA_SPEC
from ansible_collections.openimaging.orthanc.plugins.modules.rollover_gate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.states import StateRequest, reach
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.interruptions import costs
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.role_options import role_options
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover_run import (
    Asked,
    Gate,
    followers,
    looked_at,
    restarting,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover_shown import (
    emergency_lines,
    progress,
    situation,
    what_clients_need,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.standing import standing_lines
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.role_templates import RoleTemplates

_LOOK = "rollover_look"
_VERIFIED = "verify_result"


class ActionModule(LocalAction):
    """Decide once for all hosts of the play."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        if options["step"] == 1 and not options["emergency"]:
            _refuse_cut(variables)
        fleet, hostvars = self.fleet(variables), variables["hostvars"]
        seen = {host: look for host in options["hosts"] if (look := _look(hostvars[host], last=options["last"]))}
        gate = Gate(options["path"], looked_at(fleet, seen, options["others"]), Asked.of(options), followers(fleet))
        acts = not self._task.check_mode and not options["last"]

        def take(step: Mapping[str, Any]) -> None:
            self._take(step, options, variables, fleet)

        if options["emergency"] and options["step"] == 1:
            drop = gate.drop(options["confirm"], _missed(list(gate.looks), seen, options["run"]))
            _say(emergency_lines(drop))
            if drop.fault:
                return {"failed": True, "msg": drop.fault}
            if acts:
                gate.carry_out(drop, take)
        if acts:
            gate.advance(take)
        refusal = None if self._task.check_mode else gate.refusal(options["hosts"], last=options["last"])
        updates = gate.updates(options["hosts"]) if self._goes_on(options) and not refusal else []
        _say(_lines(gate, fleet, updates, whole=options["step"] == 1 or options["last"] or refusal is not None))
        if options["last"]:
            through = {host: hostvars[host] for host in options["hosts"]}
            ends = {host: end for host, look in seen.items() if (end := _leaf_end(look))}
            _say(standing_lines(fleet.hosts, through, options["run"], ends))
            _say(what_clients_need(gate.seen, gate.info["authorities"], gate.info["path"]))
        if refusal:
            return {"failed": True, "msg": refusal, "changed": bool(gate.taken)}
        return {
            "changed": bool(gate.taken),
            f"update_{options['step']}": updates,
            "one_by_one": restarting(fleet, updates),
            **asdict(gate.seen),
        }

    def _goes_on(self, options: Mapping[str, Any]) -> bool:
        """Whether nodes are updated after this gate. A check shows once what differs, and only if it is asked to."""
        if self._task.check_mode:
            return bool(self._task.diff and options["step"] == 1)
        return not options["last"]

    def _take(
        self, step: Mapping[str, Any], options: Mapping[str, Any], variables: Mapping[str, Any], fleet: Fleet
    ) -> None:
        """Let the CA take a step; what a new one is like is said by the variables of the role C(ca)."""
        host = str(variables["inventory_hostname"])
        defaults = RoleTemplates(self, ("ca",), variables).defaults
        known = {"path": options["path"], "passphrase": options["passphrase"], "state": step["state"]}
        known |= {"in_use": [], "allow_new": False}
        if "common_name" in step:
            known["common_name"] = step["common_name"]
        for generation in step.get("generations") or [None]:
            given = {**known, "generation": generation}
            asked = role_options(host, "ca_", CA_SPEC, given, fleet.variables(host), defaults)
            reach(AuthorityFolder(options["path"]), StateRequest.of(asked), datetime.now(UTC))


def _look(variables: Mapping[str, Any], *, last: bool) -> Mapping[str, Any] | None:
    """Return the newest look at a node; at the end that is the one of the verification, which a check does not have."""
    identity = (variables.get(_VERIFIED) or {}).get("identity") if last else None
    return {"identity": identity, "not_loaded": None} if identity else variables.get(_LOOK)


def _leaf_end(look: Mapping[str, Any]) -> str | None:
    certificates = (look.get("identity") or {}).get("certificates") or []
    return str(certificates[0]["not_after"]) if certificates else None


def _refuse_cut(variables: Mapping[str, Any]) -> None:
    """Of C(-e "rollover_common_name=Imaging CA 2027") Ansible gives us "Imaging", and the rest under another name."""
    if rest := variables.get("_raw_params"):
        raise OrthancTlsError(
            f"Nothing was changed: '{rest}' was cut off and belongs to no variable, as a value in -e key=value ends "
            'at a space. Write it as JSON: -e \'{"rollover_common_name": "Imaging CA 2027"}\''
        )


def _lines(gate: Gate, fleet: Fleet, updates: Sequence[str], *, whole: bool) -> list[str]:
    interruptions = costs(fleet, updates)
    if whole:
        return situation(gate.seen, gate.info["authorities"], updates, interruptions, gate.taken)
    return progress(gate.seen, gate.taken, updates, interruptions)


def _missed(hosts: Sequence[str], seen: Mapping[str, Any], run: Sequence[str]) -> dict[str, str]:
    return {host: "unreachable" if host in run else "is outside --limit" for host in hosts if host not in seen}


def _say(lines: Sequence[str]) -> None:
    if lines:
        Display().display("\n".join(lines))
