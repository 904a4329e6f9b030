# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(show_batch) prints how far a run is that changes nodes in batches."""

from __future__ import annotations

from typing import Any

from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.modules.show_batch import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.batches import batch_lines


class ActionModule(LocalAction):
    """Show it once for a batch."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        if lines := batch_lines(options["batch"], options["hosts"], options["running"]):
            Display().display("\n".join(lines))
        return {"changed": False}
