# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller half of the module C(revoke_certificates), which is all of it: nothing is sent to the host."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from typing import Any

from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.modules.revoke_certificates import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.revocation import BY, revoke
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain


class ActionModule(LocalAction):
    """Keep in the CA's folder that certificates are revoked."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        folder, fleet = AuthorityFolder(options["ca_path"]), self.fleet(variables)
        folder.check()
        done = revoke(
            folder,
            {by: options[by] for by in BY},
            _aliases(fleet),
            options["reason"],
            datetime.now(UTC),
            check_mode=self._task.check_mode,
        )
        verb = "To revoke" if self._task.check_mode else "Revoked"
        for one in done.certificates:
            told = f"{verb}: {plain(one.subject)}, valid until {one.not_after}, SHA-256 {one.fingerprint_sha256}"
            Display().display("\n".join(textwrap.wrap(told, 76, subsequent_indent="  ")))
        fingerprints = [one.fingerprint_sha256 for one in done.certificates]
        return {"changed": done.changed, "revoked": fingerprints, "left_open": _left_open(fleet)}


def _aliases(fleet: Fleet) -> dict[str, list[str]]:
    return {host: [name.partition(":")[2] for name in fleet.node(host).names] for host in fleet.hosts}


def _left_open(fleet: Fleet) -> list[str]:
    """Return the nodes that let a revoked certificate in, or ask for none, with the reason."""
    found = []
    for host in fleet.hosts:
        node = fleet.node(host)
        if node.tls_mode != "frontend":
            found.append(f"{host} (Orthanc itself speaks TLS there, and knows no revocation)")
        elif node.client_auth != "required":
            found.append(f"{host} (frontend_client_auth is {node.client_auth}: clients need no certificate)")
    return found
