# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters on what C(ca_info) returns: where a rollover stands, and what an emergency asks of the CA."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.filters import Filters
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import split
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover import plan
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover_emergency import emergency


def rollover_plan(
    ca: Mapping[str, Any],
    hosts: Sequence[str],
    looks: Mapping[str, Mapping[str, Any]],
    others: Sequence[Mapping[str, Any]] = (),
    common_name: str | None = None,
    waive: Sequence[str] | str = (),
    handed_out: str | None = None,
) -> dict[str, Any]:
    """Phase, who is behind and why, who of them can be brought on, who blocks, and the CA's next step."""
    elsewhere = {str(look["item"]): look for look in others if not look.get("unreachable")}
    seen = {host: {**elsewhere, **looks}.get(host) for host in hosts}
    names = [waive, *split(waive)] if isinstance(waive, str) else waive  # a client's name may have a comma
    return dataclasses.asdict(plan(ca["authorities"], ca["clients"], seen, common_name or None, names, handed_out))


def rollover_emergency(
    ca: Mapping[str, Any], confirm: str | None, hosts: Sequence[str], run: Sequence[str], reached: Sequence[str]
) -> dict[str, Any]:
    """Which CA is dropped, whom that locks out, whether it is confirmed, and what the CA has to do at once."""
    missed = {host: "was not reached" if host in run else "is outside --limit" for host in hosts if host not in reached}
    return dataclasses.asdict(emergency(ca["authorities"], ca["clients"], missed, confirm))


class FilterModule(Filters):
    """Ansible's entry point."""

    functions = (rollover_plan, rollover_emergency)
