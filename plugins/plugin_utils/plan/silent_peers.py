# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The peers outside the fleet that need not answer, and did not: no failure, and still shown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.expectations import peer_probe_names
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import WIDTH


def silent_peers(host: str, result: Mapping[str, Any], fleet: Fleet) -> Iterator[str]:
    """Yield a line or two for each such peer of a host; C(result) is what C(tls_probe) returned for the host."""
    for peer in fleet.peers(host, ""):
        if not peer.required and (seen := _seen(result, peer_probe_names(peer))):
            said = f"{host}: its peer {peer.name} did not answer, and is not required to: {seen[0]}"
            yield from textwrap.wrap(said, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _seen(result: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    rows = [row for row in result.get("results") or [] if isinstance(row, Mapping)]
    return [plain(row.get("seen")) for row in rows if row.get("name") in names and not row.get("ok")]
