# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(show_plan) looks at the CA, and prints the plan of a run in lines of its own, readable with every callback."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.modules.ca import ARGUMENT_SPEC as CA_SPEC
from ansible_collections.openimaging.orthanc.plugins.modules.show_plan import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.states import StateRequest, missing_step, warnings
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import (
    applies_to,
    forgotten_root,
    plan_lines,
    planned,
)


class ActionModule(LocalAction):
    """Show what the looks at some hosts led to."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        options, fleet = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1], self.fleet(variables)
        ca_warnings = _look_at_ca(options) if any(fleet.issuer(host).has_ca_folder for host in fleet.hosts) else []
        plans = planned(options["hosts"], variables["hostvars"])
        Display().display("\n".join(plan_lines(plans)))
        if refusal := forgotten_root(plans):
            return {"failed": True, "msg": refusal}
        return {
            "changed": False,
            "applies_to": applies_to(plans, fleet),
            "some_blocked": list(plans) if any(plan["blockers"] for plan in plans.values()) else [],
            "unrenewed": [host for host, plan in plans.items() if plan.get("unrenewed")],
            "warnings": ca_warnings,
        }


def _look_at_ca(options: Mapping[str, Any]) -> list[str]:
    """Raise for a CA's folder that no run could work with, and return what is to be said of it."""
    given = {"path": options["ca_path"], "passphrase": options["ca_passphrase"]}
    asked = ArgumentSpecValidator(CA_SPEC).validate(given).validated_parameters
    folder, request = AuthorityFolder(asked["path"]), StateRequest.of(asked)
    missing_step(folder, request, datetime.now(UTC))
    return warnings(folder, request)
