# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller half of the module C(client_certificate), which is all of it: nothing is sent to the host."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.modules.client_certificate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.enrolment import enrol


class ActionModule(LocalAction):
    """Keep a client's folder."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        done = enrol(options, check_mode=self._task.check_mode, now=datetime.now(UTC))
        if not self._task.diff:
            del done["diff"]
        return done
