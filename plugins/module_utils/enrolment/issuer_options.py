# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options by which C(certificate) is told who issues a certificate, with what each issuer needs."""

from __future__ import annotations

from typing import Any

ISSUER_OPTIONS: dict[str, dict[str, Any]] = {
    "issuer": {"type": "str", "default": "local"},
    "issuer_ca_certificates": {"type": "list", "elements": "str", "default": []},
    "issuer_command": {"type": "list", "elements": "str", "default": []},
    "issuer_timeout": {"type": "int", "default": 120},
    "issuer_folder": {"type": "str"},
    "activate": {"type": "bool", "default": True},
    "pinned_clients": {"type": "list", "elements": "str", "default": []},
    "pinned_servers": {"type": "list", "elements": "str", "default": []},
}
