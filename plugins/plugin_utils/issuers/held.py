# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of an identity that is held: until when it stays, why, and how it is released."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain


def held_warnings(host: str, path: str, found: Mapping[str, Any]) -> list[str]:
    """Return what to warn of, by what a node answered about its identity; nothing where it is not held."""
    held = found.get("held")
    if not held:
        return []
    generation, since, why, end = map(plain, (held["generation"], held["since"], held["why"], found.get("not_after")))
    state = "is damaged" if found.get("not_after") is None else f"is valid until {end}"
    return [
        f"{host}: {path} is held at {generation} since {since}, and nothing was changed: {why.rstrip('.')}. Its "
        f"certificate {state}. Release it with rollback.yml --limit {host} -e rollback_release=true."
    ]
