# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an identity is ordered from each issuer. A new issuer is a row here, beside its row in the registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.command import command_order
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.local import local_order
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.offline import offline_order
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import Order, Ordering
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.registry import Issuer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.selfsigned import self_signed_order

ORDERINGS: dict[str, Ordering] = {
    "local": local_order,
    "command": command_order,
    "offline": offline_order,
    "selfsigned": self_signed_order,
}


def ordered_from(issuer: Issuer, options: Mapping[str, Any], host: str, *, check_mode: bool) -> Order:
    """Resolve a task's options for a host. Raises on any that are wrong, before the node is reached."""
    return ORDERINGS[issuer.name](options, host, check_mode=check_mode)
