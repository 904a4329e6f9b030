# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it interrupts on a node when its services load another identity."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.openimaging.orthanc.plugins.module_utils.services.loading import RESTARTED
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import Service, readers_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet


def costs(fleet: Fleet, hosts: Sequence[str]) -> dict[str, str]:
    """Return it in words for each node."""
    return {host: " and ".join(map(_cost, readers_of(fleet.node(host)))) for host in hosts}


def _cost(service: Service) -> str:
    return f"{service.title} {'restarts, about a second' if service.how == RESTARTED else 'reloads'}"
