# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of C(node_look): what a node should have, a look at it, and what a run would do."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.look_options import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC as IDENTITY_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import InventoryAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.deny_list import read_revoked
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import mapping_of

# At the top, so that it is imported once before the workers are forked, and not by every host's worker.
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.node_texts import ROLES, NodeTexts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.hints import dicom_hints
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.host_settings import HostSettings
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.identity_options import identity_options
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.look_request import look_request
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_plan import is_tried, plan
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.ordered_identity import OrderedIdentity
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.proxy_hints import proxy_hints
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import plan_lines
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.stories import STORIES
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import wanted_node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.role_templates import RoleTemplates

_IDENTITY = {name: option for name, option in IDENTITY_SPEC.items() if name != "enrolment"}
_ASKED = {name: ARGUMENT_SPEC[name] for name in ("story", "part", "renew_all")}


class ActionModule(InventoryAction):
    """Look at a node, and plan what a run would do on it."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task for one host."""
        asked = self.validate_argument_spec(argument_spec=_ASKED)[1]
        host, fleet, now = variables["inventory_hostname"], self.fleet(variables), datetime.now(UTC)
        story, part = STORIES[asked["story"]], asked["part"]
        roles = RoleTemplates(self, ROLES, variables)
        node, own = fleet.node(host), fleet.variables(host, roles.defaults)
        settings = HostSettings.of(host, own)
        identity = None
        if story.orders and not part:
            options = identity_options(fleet, host, roles.defaults, _IDENTITY)
            options["force"] = options["force"] or asked["renew_all"]
            identity = OrderedIdentity.of(node.issuer, host, options, now)
        packages, texts = settings.packages(node, part), NodeTexts(node, roles, own, role_alone=bool(part))
        enrolment = identity.asked() if identity else None
        wanted = wanted_node(node, packages, part=part, metrics=settings.metrics_dir)
        request = look_request(wanted, enrolment, settings.frontend_http_port)
        look = NodeLook.read(host, self.answer_of_node(variables, self._task.action, request), request)
        wanted = wanted_node(node, packages, texts, look, part=part, metrics=settings.metrics_dir)
        trial = None
        if is_tried(story, wanted, look, settings) and look.nginx:
            asked_site = {"path": node.engine.site, "content": texts.trial(asdict(look.nginx)), "state": "tried"}
            answer = self.on_node(variables, "openimaging.orthanc.nginx_site", asked_site)
            trial = str(answer.get("msg")) if answer.get("failed") else None
        revoked = read_revoked(str(own["orthanc_ca_dir"])) if own.get("orthanc_ca_dir") else []
        planned = plan(story, wanted, look, settings, identity, now, trial, revoked)
        config = mapping_of(host, own, "orthanc_config")
        planned["hints"] += [*proxy_hints(look, fleet.peers(host, ""), config), *dicom_hints(planned["steps"], config)]
        if part:
            Display().display("\n".join(plan_lines({host: planned})))
        return {"changed": self._task.check_mode and bool(planned["steps"]), "story": asked["story"], **planned}
