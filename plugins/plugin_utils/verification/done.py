# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run has done before it verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.page import some, wrapped


def done_lines(hosts: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Name the hosts that had something to do, and those with a new certificate."""
    done = {
        "Done as planned": [host for host in hosts if _of_run(hostvars[host], "orthanc_plan", "steps")],
        "New certificates": [host for host in hosts if _of_run(hostvars[host], "identity_result", "renewed")],
    }
    return [line for what, where in done.items() if where for line in wrapped(f"{what}: {some(where)}.")]


def _of_run(variables: Mapping[str, Any], name: str, key: str) -> Any:
    return (variables.get(name) or {}).get(key)
