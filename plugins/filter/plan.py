# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A filter on what C(node_look) returned for the nodes of a run: who takes part in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.filters import Filters
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.inventory import without_facts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import planned

HostVars = Mapping[str, Mapping[str, Any]]
Groups = Mapping[str, Sequence[str]]


def plan_applies_to(hosts: Sequence[str], hostvars: HostVars, groups: Groups) -> list[str]:
    """The hosts on which something is to be done.

    Where nodes sign for themselves, a new certificate of one is new trust for others: all of them take part.
    """
    plans = planned(hosts, hostvars)
    due = [host for host, plan in plans.items() if plan["steps"]]
    view = Fleet(without_facts(hostvars), groups)
    staging = [host for host in plans if view.issuer(host).stages_renewals]
    if any(host in due for host in staging):
        due += [host for host in staging if host not in due]
    return due


class FilterModule(Filters):
    """Ansible's entry point."""

    functions = (plan_applies_to,)
