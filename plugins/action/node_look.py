# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of C(node_look): what a node should have, a look at it, and what a run would do."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.look_options import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import NoIssuerYet
from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC as IDENTITY_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import InventoryAction

# At the top, so that it is imported once before the workers are forked, and not by every host's worker.
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.held import held_warnings
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.ordering import ordered_from
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.node_texts import ROLES, NodeTexts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.blockers import blockers, is_managed
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.host_settings import HostSettings
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.identity_options import identity_options
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.issuer_blockers import is_news, issuer_blockers
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.look_request import look_request
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.steps import to_arguments
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.stories import STORIES
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.unrenewed import of_another_issuer, unrenewed
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import wanted_node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.role_templates import RoleTemplates

_ASKED = {name: ARGUMENT_SPEC[name] for name in ("story", "renew_all")}
_IDENTITY = {name: option for name, option in IDENTITY_SPEC.items() if name != "enrolment"}


class ActionModule(InventoryAction):
    """Look at a node, and plan what a run would do on it."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task for one host."""
        host, fleet, now = variables["inventory_hostname"], self.fleet(variables), datetime.now(UTC)
        asked = self.validate_argument_spec(argument_spec=_ASKED)[1]
        story = STORIES[asked["story"]]
        roles = RoleTemplates(self, ROLES, variables)
        node, own = fleet.node(host), {**roles.defaults, **fleet.variables(host)}
        settings = HostSettings.of(host, own)
        options = identity_options(fleet, host, roles.defaults, _IDENTITY)
        options["force"] = options["force"] or asked["renew_all"]
        order = ordered_from(node.issuer, options, host, check_mode=True)
        packages = settings.orthanc_packages + (settings.frontend_packages if node.tls_mode == "frontend" else ())
        request = look_request(wanted_node(node, packages), order, options, settings.frontend_http_port, now)
        look = NodeLook.read(host, self.on_node(variables, self._task.action, request), request)
        wanted = wanted_node(node, packages, NodeTexts(node, roles, own), look)
        found = blockers(
            node,
            look,
            frontend_http_port=settings.frontend_http_port,
            replace_configuration=settings.replaces_configuration,
        )
        problems = [
            *story.objections(look),
            *(f"{one.what} {one.remedy}" for one in found),
            *issuer_blockers(order, look, now),
        ]
        planned = [] if problems else story.steps(wanted, look, news=is_news(order, look, now))
        outcome = asdict(look.enrolment) if look.enrolment else {}
        return {
            "changed": self._task.check_mode and bool(planned),
            "steps": to_arguments(planned),
            "blockers": problems,
            "missing_packages": [] if problems else story.packages(wanted, look),
            "loads": [step.loads for step in planned if step.loads],
            "managed": is_managed(look),
            "orthanc_installed": look.capabilities is not None or "capabilities" in look.faults,
            "nginx_installed": look.nginx is not None and look.nginx.installed,
            "valid_until": outcome.get("not_after"),
            "forces_identity": options["force"],
            "unrenewed": unrenewed(node, look, now),
            "ca_missing": node.issuer.has_ca_folder and isinstance(order.spec.leaf.issuer, NoIssuerYet),
            "warnings": [
                *order.warnings,
                *held_warnings(host, node.identity_path, outcome),
                *(of_another_issuer(node, look, now) if story.deploys else ()),
            ],
            **_identity(look),
        }


def _identity(look: NodeLook) -> dict[str, Any]:
    """Return what C(identity_info) would say of the identity."""
    seen = look.identity
    return {
        "present": seen is not None and seen.present,
        "identity": seen.facts if seen else None,
        "fault": seen.fault if seen else look.faults.get("identity"),
    }
