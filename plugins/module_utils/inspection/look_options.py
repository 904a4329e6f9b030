# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at a node is told; documented in C(node_look)."""

from __future__ import annotations

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.location import PATH_OPTION
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.location import UNIT
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.specification import PROBES_OPTION

_STRINGS: dict[str, object] = {"type": "list", "elements": "str", "default": []}
_PATHS: dict[str, object] = {"type": "list", "elements": "path", "default": []}

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    **PATH_OPTION,
    **PROBES_OPTION,
    "story": {"type": "str", "choices": ["site", "rotate", "rollover", "rollback", "revoke"], "default": "site"},
    "part": {"type": "str", "choices": ["orthanc", "frontend"]},
    "renew_all": {"type": "bool", "default": False},
    "executable": {"type": "path", "default": "/usr/sbin/Orthanc"},
    "packages": _STRINGS,
    "units": _STRINGS,
    "files": _PATHS,
    "hand_made": {
        "type": "dict",
        "options": {
            "folder": {"type": "path", "default": "/etc/orthanc"},
            "package": {"type": "str", "default": "orthanc"},
            "unit": {"type": "str", "default": UNIT},
        },
    },
    "folders": _PATHS,
    "ports": {"type": "list", "elements": "int", "default": []},
    "nginx_site": {"type": "path"},
    "civetweb_shim": {"type": "path"},
    "enrolment": {"type": "dict"},
    "server_certificate": {
        "type": "dict",
        "options": {
            "path": {"type": "path", "required": True},
            "sources": {"type": "list", "elements": "str", "required": True},
            "server_name": {"type": "str", "required": True},
            "ca_certificates": {"type": "list", "elements": "str", "required": True},
        },
    },
    "services": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "unit": {"type": "str", "required": True},
            "record": {"type": "path", "required": True},
            "files": _PATHS,
            "certificate": {"type": "path"},
            "host": {"type": "str", "default": "127.0.0.1"},
            "port": {"type": "int"},
            "server_name": {"type": "str"},
        },
        "required_together": [("port", "server_name")],
    },
}
