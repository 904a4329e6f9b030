# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(ca_info) reads the CA's folder on the control node: it needs no host, no payload and no passphrase."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.modules.ca_info import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.info import authority_info


class ActionModule(LocalAction):
    """Read the CA's folder."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        return {"changed": False, **authority_info(options["path"], datetime.now(UTC))}
