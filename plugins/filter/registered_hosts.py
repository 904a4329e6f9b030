# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters on the name of a group: which of its hosts a result names that all hosts of a play have registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.filters import Filters


def registered_hosts(
    group: str,
    hostvars: Mapping[str, Mapping[str, Any]],
    groups: Mapping[str, Sequence[str]],
    variable: str,
    keys: Sequence[str],
) -> list[str]:
    """The hosts of the group that their own result has under these keys; a pattern of no host where there are none.

    Each host is asked alone: one that has left the run may have the result of a story before this one.
    """
    results = {host: hostvars[host].get(variable) or {} for host in groups.get(group, ()) if host in hostvars}
    named = [host for host, result in results.items() if any(host in (result.get(key) or ()) for key in keys)]
    return named or [f"{group}:!{group}"]


class FilterModule(Filters):
    """Ansible's entry point."""

    functions = (registered_hosts,)
