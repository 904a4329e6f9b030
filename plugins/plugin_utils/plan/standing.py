# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the fleet stands at the end of a run: which nodes came through it, what expires next, and what waits for what."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import WIDTH

_LATEST = ("identity_result", "rollover_updated")
_LOOKS = ("rollover_look", "orthanc_plan")


def standing_lines(
    group: Sequence[str],
    seen: Mapping[str, Mapping[str, Any]],
    run: Sequence[str],
    ends: Mapping[str, str] | None = None,
) -> list[str]:
    """Return one sentence about the nodes, one about what expires next, and one about what waits, if anything does.

    C(seen) are the variables of the hosts that came through the run, of all those that were to take part (C(run)).
    C(ends) says until when the certificates of hosts are valid.
    """
    lost = [host for host in run if host not in seen]
    outside = [host for host in group if host not in run]
    parts = [f"{len(seen)} came through this run"]
    parts += [f"{len(lost)} failed, blocked or unreachable ({', '.join(lost)})"] if lost else []
    parts += [f"{len(outside)} outside --limit"] if outside else []
    waits = [text for host, variables in seen.items() for text in _waits(host, variables)]
    lines = [f"The fleet has {len(group)} node{'s' * (len(group) != 1)}: {'; '.join(parts)}."]
    if ends:
        end, host = min((end, host) for host, end in ends.items())
        lines.append(plain(f"The next certificate to expire: {host}, on {end}."))
    lines += [f"Waiting: {'; '.join(waits)}."] if waits else []
    return [line for text in lines for line in textwrap.wrap(text, WIDTH, break_on_hyphens=False)]


def _waits(host: str, variables: Mapping[str, Any]) -> Iterator[str]:
    if held := _held(variables):
        yield plain(f"{host} is held ({held.get('why')}), until it is released")
    if pending := (variables.get("identity_result") or {}).get("pending"):
        yield plain(f"{host} for its certificate ({pending['waits_for']})")
    if (variables.get("identity_result") or {}).get("waiting_sha256"):
        yield f"the new certificate of {host}, until all who must trust it do"


def _held(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the hold of a node as the run has left it, or as a look has seen it."""
    for name in _LATEST:
        if "held" in (found := variables.get(name) or {}):
            return found["held"] or {}
    for name in _LOOKS:
        if identity := (variables.get(name) or {}).get("identity"):
            return identity.get("held") or {}
    return {}
