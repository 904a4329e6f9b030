# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters on what C(node_look) returned for the nodes of a run: the plan in words, and who takes part in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.filters import Filters
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.inventory import without_facts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import plan_lines

HostVars = Mapping[str, Mapping[str, Any]]
Groups = Mapping[str, Sequence[str]]

_PLAN = "orthanc_plan"


def plan_shown(hosts: Sequence[str], hostvars: HostVars) -> list[str]:
    """The plan of a run in lines."""
    return plan_lines(_plans(hosts, hostvars))


def plan_applies_to(hosts: Sequence[str], hostvars: HostVars, groups: Groups) -> list[str]:
    """The hosts on which something is to be done.

    Where nodes sign for themselves, a new certificate of one is new trust for others: all of them take part.
    """
    plans = _plans(hosts, hostvars)
    due = [host for host, plan in plans.items() if plan["steps"]]
    view = Fleet(without_facts(hostvars), groups)
    staging = [host for host in plans if view.issuer(host).stages_renewals]
    if any(host in due for host in staging):
        due += [host for host in staging if host not in due]
    return due


def _plans(hosts: Sequence[str], hostvars: HostVars) -> dict[str, Mapping[str, Any]]:
    """Of the hosts that were looked at, the plans."""
    found = {host: hostvars[host].get(_PLAN, {}) for host in hosts}
    return {host: plan for host, plan in found.items() if "steps" in plan}


class FilterModule(Filters):
    """Ansible's entry point."""

    functions = (plan_shown, plan_applies_to)
