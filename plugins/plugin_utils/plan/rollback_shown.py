# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rollback will do, as a person reads it before it does it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import WIDTH


def rollback_lines(targets: Mapping[str, Mapping[str, Any]], costs: Mapping[str, str], *, release: bool) -> list[str]:
    """Return the plan in lines, from what C(certificate_generation) returned for each node in check mode.

    C(costs) say what it interrupts when a node's services load another identity.
    """
    lines = list(_released(targets) if release else _back(targets, costs))
    return [line for text in lines for line in textwrap.wrap(plain(text), WIDTH, subsequent_indent="  ")]


def _released(targets: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for host, target in targets.items():
        held = "released from its hold, and" if target.get("changed") else "not held, and"
        yield f"{host}: {held} converged: what is due is done at once"


def _back(targets: Mapping[str, Mapping[str, Any]], costs: Mapping[str, str]) -> Iterator[str]:
    for host, target in targets.items():
        generation, end = _generation(target)
        if target.get("changed"):
            yield f"{host}: back to generation {generation}, valid until {end}, and held there; {costs[host]}"
        else:
            yield f"{host}: stays at generation {generation}, valid until {end}, where it is held"
    if len(targets) > 1:
        yield "One node after the other. The first one that fails ends the run."


def _generation(target: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name of a generation and its end; a node that answers oddly is asked again before it is changed."""
    identity = target.get("identity") or {}
    certificates: Sequence[Mapping[str, Any]] = identity.get("certificates") or [{}]
    name = (identity.get("generation") or {}).get("name", "(unknown)")
    return str(name), str(certificates[0].get("not_after", "(unknown)"))
