# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller half of the module C(client_certificate), which is all of it: nothing is sent to the host."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.openimaging.orthanc.plugins.module_utils.client_enrolment import enrol
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.modules.client_certificate import ARGUMENT_SPEC


class ActionModule(ActionBase):
    """Keep a client's folder."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task on the control node."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        try:
            done = enrol(options, check_mode=self._task.check_mode, now=datetime.now(UTC))
        except OrthancTlsError as error:
            raise AnsibleActionFail(str(error)) from None
        if not self._task.diff:
            del done["diff"]
        return {**result, **done}
