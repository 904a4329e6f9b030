# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a run as a person reads it, on a screen of 80 columns: node by node what, why, and what it interrupts."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain

WIDTH = 76
_PLAN = "orthanc_plan"
_COSTS = {"restart": "{} restarts, about a second", "reload": "{} reloads"}


def planned(hosts: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the plans of those hosts that were looked at."""
    found = {host: hostvars[host].get(_PLAN, {}) for host in hosts}
    return {host: plan for host, plan in found.items() if "steps" in plan}


def applies_to(plans: Mapping[str, Mapping[str, Any]], fleet: Fleet) -> list[str]:
    """Return the hosts with something to do that are not blocked.

    Where nodes sign for themselves, a new certificate of one is new trust for others: all of them take part.
    """
    able = [host for host, plan in plans.items() if not plan["blockers"]]
    due = [host for host in able if plans[host]["steps"]]
    staging = [host for host in able if fleet.issuer(host).stages_renewals]
    if any(host in due for host in staging):
        due += [host for host in staging if host not in due]
    return due


def forgotten_root(plans: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Say why nothing may be changed anywhere: nodes use a root that the others would stop trusting."""
    hosts = [host for host, plan in plans.items() if plan.get("root_not_stated")]
    if not hosts:
        return None
    return (
        f"{', '.join(hosts)}: the certificate is of a CA that orthanc_issuer_ca_certificates does not state, as the "
        "plan says. The nodes that deal with it would trust it no longer. Nothing was changed on any node. State that "
        "root beside the new one, run site.yml until no node has a certificate of it, and only then take it out. To "
        "replace such a certificate at once, set identity_allow_issuer_change."
    )


def plan_lines(plans: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the plan in lines, from what C(node_look) returned for each node; nodes with equal plans are one entry."""
    lines: list[str] = []
    for hosts, plan in _alike(plans):
        if plan["blockers"]:
            lines += [*_heading(hosts, "blocked, nothing will be changed"), *_bullets(plan["blockers"])]
        elif plan["steps"]:
            lines += [*_heading(hosts, _summary(plan["steps"], len(hosts))), *_bullets(map(_step, plan["steps"]))]
    rest = [host for host, plan in plans.items() if not plan["steps"] and not plan["blockers"]]
    return [*lines, *_nothing_to_do(rest, len(plans)), *_hints(plans)]


def _alike(plans: Mapping[str, Mapping[str, Any]]) -> list[tuple[list[str], Mapping[str, Any]]]:
    """Return the nodes whose plans are equal, with that plan, in the order of the first of them."""
    found: list[tuple[list[str], Mapping[str, Any]]] = []
    for host, plan in plans.items():
        for hosts, other in found:
            if (plan["steps"], plan["blockers"]) == (other["steps"], other["blockers"]):
                hosts.append(host)
                break
        else:
            found.append(([host], plan))
    return found


def _hints(plans: Mapping[str, Mapping[str, Any]]) -> list[str]:
    found: dict[str, list[str]] = {}
    for host, plan in plans.items():
        for hint in plan.get("hints", ()):
            found.setdefault(hint, []).append(host)
    return [line for hint, hosts in found.items() for line in [*_heading(hosts, "to know"), *_bullets([hint])]]


def _heading(hosts: Sequence[str], what: str) -> list[str]:
    return textwrap.wrap(f"{', '.join(hosts)}: {what}", WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _summary(steps: Sequence[Mapping[str, Any]], nodes: int) -> str:
    count = f"{len(steps)} step{'s' if len(steps) > 1 else ''}{' each' if nodes > 1 else ''}"
    costs = [cost.format(parts) for kind, cost in _COSTS.items() if (parts := _of(steps, kind))]
    return "; ".join([count, *costs] if costs else [count, "nothing is interrupted"])


def _of(steps: Sequence[Mapping[str, Any]], interruption: str) -> str:
    return " and ".join(dict.fromkeys(step["part"] for step in steps if step["interruption"] == interruption))


def _step(step: Mapping[str, Any]) -> str:
    return f"{step['part']}: {step['what']} ({step['why']})"


def _bullets(texts: Any) -> list[str]:
    return [line for text in texts for line in _wrapped(text)]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(plain(text), WIDTH, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False)


def _nothing_to_do(hosts: Sequence[str], of: int) -> list[str]:
    if not hosts:
        return []
    if len(hosts) == of:
        return [f"Nothing to do on {'this node' if of == 1 else f'all {of} nodes'}."]
    return textwrap.wrap(f"Nothing to do on {len(hosts)} of {of} nodes: {', '.join(hosts)}.", WIDTH)
