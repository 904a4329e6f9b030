# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters on the name of a group: which of its hosts take part in a step of a rollover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.filters import Filters

_GATE = "rollover_gate"


def rollover_hosts(
    group: str, hostvars: Mapping[str, Mapping[str, Any]], groups: Mapping[str, Sequence[str]], step: int
) -> list[str]:
    """The hosts that the gate of that number has chosen for an update; a pattern of no host where there are none."""
    gates = (hostvars[host].get(_GATE) for host in groups.get(group, ()) if host in hostvars)
    decided: Mapping[str, Any] = next((gate for gate in gates if gate), {})
    chosen = decided.get("update") if decided.get("gate") == step else None
    return list(chosen or [f"{group}:!{group}"])


class FilterModule(Filters):
    """Ansible's entry point."""

    functions = (rollover_hosts,)
