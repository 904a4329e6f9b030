# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option by which a module is given probes; plugins/doc_fragments/probes.py says what each part means."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.context import VERSIONS
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.observations import ALERTS

_VERSIONS = list(VERSIONS)

_PROBE: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "url": {"type": "str", "required": True},
    "connect_to": {"type": "str"},
    "own_addresses": {"type": "bool", "default": False},
    "method": {"type": "str", "default": "GET"},
    "body": {"type": "str"},
    "headers": {"type": "dict"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    # A path, or text that holds a private key.
    "certificate": {"type": "str", "no_log": True},
    "forge": {"type": "str", "choices": ["unknown_ca", "system_ca", "self_signed"]},
    "forge_except": {"type": "str"},
    "ca_certificates": {"type": "str"},
    "check_hostname": {"type": "bool", "default": True},
    "tls_minimum": {"type": "str", "choices": _VERSIONS},
    "tls_maximum": {"type": "str", "choices": _VERSIONS},
    "expect": {"type": "str", "choices": ["answered", "refused", "no_access"], "default": "answered"},
    "status": {"type": "list", "elements": "int", "default": []},
    "alerts": {"type": "list", "elements": "str", "choices": sorted(ALERTS), "default": []},
    "fingerprint_sha256": {"type": "str"},
    "control": {"type": "str"},
    "required": {"type": "bool", "default": True},
    "return_json": {"type": "bool", "default": False},
}

PROBES_OPTION: dict[str, dict[str, Any]] = {
    "probes": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": _PROBE,
        "mutually_exclusive": [("certificate", "forge")],
        "required_together": [("username", "password")],
        "required_by": {"forge_except": "forge"},
        "required_if": [("expect", "refused", ("control",)), ("expect", "no_access", ("control",))],
    }
}
