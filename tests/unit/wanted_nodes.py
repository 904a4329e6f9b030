# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node should have, and a look at a node that has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from seen_node import HOST, node_of, unit

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import ManagedFile
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.packages import InstalledPackage
from ansible_collections.openimaging.orthanc.plugins.module_utils.metrics import places
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import facts as nginx
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import (
    ComparedRecord,
    NodeLook,
    SeenService,
    SeenShim,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.seen_enrolment import SeenEnrolment
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import WantedNode, wanted_node

PACKAGES = ("orthanc", "nginx")
MISSING = ManagedFile("missing")
BUILTIN = {"orthanc_tls_mode": "builtin"}


@dataclass(frozen=True)
class Texts:
    """Some text for each file."""

    def orthanc(self, _civetweb: Mapping[str, Any]) -> Mapping[str, str]:
        return {path: path for path in (location.SETTINGS, location.OPENSSL, location.DROP_IN)}

    def deny_list(self) -> str:
        return "map $ssl_client_serial $openimaging_revoked { default 0; }"

    def metrics(self) -> Mapping[str, str]:
        return {path: path for path in places.FILES}

    def site(self, _nginx: Mapping[str, Any] | None) -> str:
        return "server {}"


def wanted(**variables: Any) -> WantedNode:
    return wanted_node(node_of(variables), PACKAGES, Texts())


def applied(want: WantedNode) -> NodeLook:
    """Return what a look sees once all is as wanted."""
    loaded = SeenService(ComparedRecord(True, (), "active"), None, (), None)
    return NodeLook(
        HOST,
        packages={name: InstalledPackage("1.0-1") for name in want.packages},
        units={location.UNIT: unit("/usr/sbin/Orthanc"), nginx.UNIT: unit("/usr/sbin/nginx")},
        files={
            **{
                file.path: ManagedFile(
                    "file", file.sha256, f"{file.mode:04o}", 0, 0, file.owner or "www-data", file.group
                )
                for file in want.files
            },
            **dict.fromkeys([*want.absent, *want.retired], MISSING),
        },
        civetweb=SeenShim(True, True, None) if want.node.tls_mode == "builtin" else None,
        enrolment=SeenEnrolment(changed=False),
        services={service.name: loaded for service in want.services},
    )


def changed_file(want: WantedNode, path: str, **changes: Any) -> dict[str, ManagedFile]:
    files = dict(applied(want).files)
    return {**files, path: replace(files[path], **changes)}
