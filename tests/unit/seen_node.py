# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at a managed node answers, by name of the section, to be changed as a test likes."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.binary_capabilities import FileCapabilities
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.clock import Clock
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.free_space import FreeSpace
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.made_by_hand import HandMade
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import ManagedFile
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.nginx_sites import NginxSites
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.packages import InstalledPackage
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.port_holders import Holder
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.units import UnitState
from ansible_collections.openimaging.orthanc.plugins.module_utils.metrics import places
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import facts as nginx
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.configuration import Listener
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.look_request import written_folders
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook

HOST = "pacs"
NAME = "pacs.example.org"
PID = 12
DENY_LIST = "/etc/orthanc/tls/revoked.conf"
FRONTEND_RECORD = "/etc/orthanc/last-healthy-frontend"
PORTS = [443, 80, 8042, 4242]

IDENTITY: dict[str, Any] = {
    **{"held": None, "certificates": [], "client_trust": [], "server_trust": []},
    "generation": {"name": "20261124T110000Z-1f2e3d4c", "matches_manifest": True, "faults": {}},
}
ASKED: dict[str, Any] = {
    "path": "/etc/orthanc/tls",
    "packages": ["orthanc", "nginx", "python3-cryptography"],
    "units": [location.UNIT, nginx.UNIT],
    "files": [location.SETTINGS, nginx.SITE, FRONTEND_RECORD],
    "hand_made": {"unit": location.UNIT},
    "folders": ["/etc/orthanc", "/var/log/nginx"],
    "ports": PORTS,
    "nginx_site": nginx.SITE,
    "civetweb_shim": location.SHIM,
    "services": [
        {"name": "orthanc", "unit": location.UNIT, "record": location.RECORD, "files": [location.SETTINGS]},
        {"name": "frontend", "unit": nginx.UNIT, "record": FRONTEND_RECORD, "files": [nginx.SITE]},
    ],
    "probes": [{"name": "orthanc: health"}],
}


def unit(program: str, *, active: bool = True) -> UnitState:
    """Return a unit that runs one program, or does not."""
    state = ("active", "running") if active else ("inactive", "dead")
    return UnitState(
        "loaded", *state, "enabled", "/lib/systemd/system/x.service", (), "", PID if active else 0, (program,), False
    )


def space(**changes: Any) -> FreeSpace:
    """Return a file system with much space."""
    return FreeSpace(**{"existing": "/", "bytes": 10**10, "inodes": 10**6, "read_only": False, **changes})


def site(file: str, port: int, *names: str) -> Listener:
    """Return where another site of nginx listens."""
    return Listener("0.0.0.0", port, file, names)


def nginx_with(*others: Listener, fault: str | None = None) -> NginxSites:
    """Return an nginx with other sites."""
    return NginxSites(True, "1.26.3", "3.5.9", True, 2, others, fault)


def healthy() -> dict[str, Any]:
    """Return the sections of a node with a front-end that is as it should be."""
    record = {"recorded": True, "differs": [], "service_state": "active"}
    service = {"record": record, "fault": None, "served": None, "not_loaded": None}
    return {
        "changed": False,
        "clock": Clock("2026-11-24T11:00:00Z", True),
        "packages": {name: InstalledPackage("1.0-1") for name in ASKED["packages"]},
        "orthanc_version": "1.12.7",
        "capabilities": FileCapabilities(),
        "units": {location.UNIT: unit("/usr/sbin/Orthanc"), nginx.UNIT: unit("/usr/sbin/nginx")},
        "files": {path: ManagedFile("file", "0" * 64, "0640", 0, 0, "root", "root", 7) for path in ASKED["files"]},
        "made_by_hand": HandMade((), ()),
        "free_space": {folder: space() for folder in ASKED["folders"]},
        "ports": [
            *(Holder(port, "nginx", PID + 1) for port in (443, 80)),
            *(Holder(port, "Orthanc", PID) for port in (8042, 4242)),
        ],
        "nginx": nginx_with(),
        "civetweb": {"needed": False, "right": True, "reason": ""},
        "identity": {"present": True, "facts": IDENTITY, "fault": None},
        "services": {"orthanc": service, "frontend": service},
        "answers": {
            "results": [
                {
                    **{"name": "orthanc: health", "url": "http://127.0.0.1:8042/", "expected": "answered", "ok": True},
                    **{"seen": "HTTP 200", "status": 200, "alert": None, "tls_version": None, "error": None},
                    "fingerprint_sha256": None,
                }
            ],
            "faults": {},
        },
        "faults": {},
    }


def answer(**sections: Any) -> dict[str, Any]:
    """Return a healthy node's answer with other sections, as it comes over the wire."""
    found: dict[str, Any] = json.loads(json.dumps({**healthy(), **sections}, default=asdict))
    return found


def faulted(*sections: str, why: str = "it broke") -> dict[str, Any]:
    """Return sections that cannot be seen."""
    return {**dict.fromkeys(sections), "faults": dict.fromkeys(sections, why)}


def looked(*, asked: Mapping[str, Any] | None = None, **sections: Any) -> NodeLook:
    """Return what is read of a healthy node with other sections; C(asked) is what else was asked for."""
    return NodeLook.read(HOST, answer(**sections), {**copy.deepcopy(ASKED), **(asked or {})})


def node_of(variables: Mapping[str, Any] | None = None) -> Node:
    """Return a node of the inventory."""
    return Fleet({HOST: {"orthanc_fqdn": NAME, **(variables or {})}}, {"orthanc": [HOST]}).node(HOST)


def without_identity(reason: str) -> dict[str, Any]:
    """Return what a node with a front-end answers that has packages and nothing else: it asks for a certificate."""
    files = [location.FOLDER, location.SETTINGS, location.OPENSSL, location.DROP_IN, location.SERVER_CERTIFICATE]
    files += [os.path.dirname(location.DROP_IN), *places.FILES]
    packages = ["orthanc", "orthanc-dicomweb", "openssl", "python3-cryptography", "nginx"]
    due = {"changed": True, "renewed": True, "reason": reason, "held": None, "waiting_sha256": None, "not_after": None}
    return answer(
        packages={name: InstalledPackage("1.0-1") for name in packages},
        files=dict.fromkeys([*files, DENY_LIST, nginx.SITE, nginx.ACCESS_LOG, nginx.ERROR_LOG], ManagedFile("missing")),
        free_space={folder: space() for folder in written_folders(node_of())},
        made_by_hand=HandMade((), ()),
        civetweb=None,
        enrolment=due,
        server_certificate=None,
        answers={
            "results": [],
            "faults": dict.fromkeys(["orthanc: Orthanc behind the front-end", "frontend: nginx"], "no certificate"),
        },
    )
