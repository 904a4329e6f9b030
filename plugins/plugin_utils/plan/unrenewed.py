# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What expires soon on a node although runs go on: nobody but a person renews it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook

SOON = timedelta(days=30)


def unrenewed(node: Node, look: NodeLook, now: datetime) -> list[str]:
    """Return a sentence or two for each certificate that expires soon and that no run renews."""
    return [*_held(node, look), *of_another_issuer(node, look, now)]


def _held(node: Node, look: NodeLook) -> Iterator[str]:
    seen = look.enrolment
    if seen is None or seen.held is None or not seen.held.ends_soon:
        return
    state = "is damaged" if seen.not_after is None else f"is valid until {plain(seen.not_after)} only"
    yield (
        f"{node.host}: The identity is held since {plain(seen.held.since)}, and its certificate {state}. Release it "
        f"with rollback.yml --limit {node.host} -e rollback_release=true."
    )


def of_another_issuer(node: Node, look: NodeLook, now: datetime) -> Iterator[str]:
    """Yield what to say of a server certificate of another issuer that expires soon."""
    own, seen = node.server_certificate, look.server_certificate
    if own is None or seen is None or not seen.certificates:
        return
    end = str(seen.certificates[0].get("not_after"))
    if parse_utc(end) - now < SOON:
        yield (
            f"{node.host}: The certificate in {own.path} is valid until {plain(end)} only, and no run renews it "
            "(orthanc_server_certificate). Put the next one there and run site.yml, or remove the variable and run "
            f"site.yml --limit {node.host}, then site.yml, so that the fleet's own issuer gives one."
        )
