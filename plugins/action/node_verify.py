# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's half of C(node_verify): what a node must answer and refuse, and what its answer means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_duration
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.verification import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import InventoryAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.known_authorities import (
    KnownAuthorities,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.request import (
    VerificationRequest,
    calls_request,
    whole_request,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.result import calls_result, whole_result
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.seen import SeenVerification

_ASKED = {"path": {"type": "path"}, **{name: ARGUMENT_SPEC[name] for name in ("ca_path", "peers", "calls_only")}}


class ActionModule(InventoryAction):
    """Verify one node, or only its calls of some others."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task for one host, which for a delegated task is the one that it is delegated to."""
        options = self.validate_argument_spec(argument_spec=_ASKED)[1]
        host, fleet = self._asked(variables), self.fleet(variables)
        peers = [peer.strip() for peer in options["peers"]]
        if options["calls_only"]:
            request = calls_request(fleet, host, peers)
            return calls_result(host, request, self._seen(variables, host, request))
        node = fleet.node(host)
        known = KnownAuthorities.of(options["ca_path"] or "") if node.issuer.has_ca_folder else None
        path, expired = options["path"] or node.identity_path, known.expired_client if known else None
        request = whole_request(fleet, host, path, expired, peers)
        seen = self._seen(variables, host, request)
        return whole_result(host, request, seen, known, _renew_before(fleet.variables(host)), datetime.now(UTC))

    def _seen(self, variables: dict[str, Any], host: str, request: VerificationRequest) -> SeenVerification:
        return SeenVerification.read(host, self.answer_of_node(variables, self._task.action, request.options))


def _renew_before(variables: Mapping[str, Any]) -> timedelta | None:
    text = variables.get("identity_renew_before")
    return parse_duration(text, "identity_renew_before") if text else None
