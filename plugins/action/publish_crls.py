# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All of C(publish_crls): the CAs and their keys are on the control node."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.modules.publish_crls import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.crl import publish
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder


class ActionModule(LocalAction):
    """Sign what is due."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        folder = AuthorityFolder(options["ca_path"])
        passphrase = options["ca_passphrase"] or None
        done = publish(folder, passphrase, datetime.now(UTC), check_mode=self._task.check_mode)
        return {"changed": bool(done.written), "written": done.written, "warnings": done.behind}
