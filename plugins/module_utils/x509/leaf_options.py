# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options by which a certificate is ordered, whether it is for a node or for a client."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.key_types import KEY_TYPES

LEAF_OPTIONS: dict[str, dict[str, Any]] = {
    "ca_passphrase": {"type": "str", "no_log": True},
    "key_type": {"type": "str", "choices": list(KEY_TYPES), "default": "ecdsa-p256", "no_log": False},
    "lifetime": {"type": "str", "default": "180d"},
    "renew_before": {"type": "str"},
}
