# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller half of the module C(client_folders), which is all of it: nothing is sent to the host."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.modules.client_folders import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.listed import ClientsTask, enrol_all
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.names import listed_names


class ActionModule(LocalAction):
    """Keep the folders of all clients."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        listed_names(self._task.args.get("clients") or [])
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        if options["clients"] and not options["path"]:
            raise OrthancTlsError("orthanc_clients_dir is empty; name the folder in which each client gets its own.")
        common = {name: options[name] for name in ("ca_path", "ca_passphrase")}
        task = ClientsTask(options["path"], options["clients"], common, options["url"], options["reissue"])
        done = enrol_all(task, check_mode=self._task.check_mode, now=datetime.now(UTC))
        if lines := done.pop("lines"):
            Display().display("\n".join(lines))
        return done
