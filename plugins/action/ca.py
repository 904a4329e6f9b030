# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller half of the module C(ca), which is all of it: nothing is sent to the host."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem
from ansible_collections.openimaging.orthanc.plugins.modules.ca import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.states import (
    StateRequest,
    described,
    missing_step,
    reach,
    warnings,
)


class ActionModule(LocalAction):
    """Bring the CA's folder to the wanted state."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        return _outcome(options, check_mode=self._task.check_mode)


def _outcome(options: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    folder = AuthorityFolder(options["path"])
    request, now = StateRequest.of(options), datetime.now(UTC)
    step = missing_step(folder, request, now)
    before = described(folder)
    changed = step is not None if check_mode else reach(folder, request, now)
    after = described(folder)
    plan = f"to do: {step.words}\n" if step and check_mode else ""
    diff = {
        "before_header": folder.path,
        "after_header": folder.path,
        "before": _lines(before),
        "after": _lines(after) + plan,
    }
    return {"changed": changed, "path": folder.path, "authorities": after, "diff": diff, **_active(folder)} | {
        "warnings": warnings(folder, request)
    }


def _active(folder: AuthorityFolder) -> dict[str, str]:
    generation = folder.active_generation()
    facts = next((facts for facts in described(folder) if facts["generation"] == generation), None)
    if facts is None:
        return {}
    authority, trust = folder.active(), folder.trust_pem()
    return {
        **{name: value for name, value in facts.items() if name not in ("state", "common_name")},
        "certificate": certificate_pem(authority.root).decode(),
        "trust": trust.decode(),
        "trust_sha256": hashlib.sha256(trust).hexdigest(),
        "expired_client_path": authority.expired_path,
    }


def _lines(authorities: list[dict[str, str]]) -> str:
    return "".join(
        f"{facts['generation']} {facts['state']}: {facts['subject']}, until {facts['not_after']}, "
        f"SHA-256 {facts['fingerprint_sha256']}\n"
        for facts in authorities
    )
