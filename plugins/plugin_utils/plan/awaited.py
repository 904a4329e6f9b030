# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a certificate that was ordered and is not there yet: since when, and what serves meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain


def pending_warnings(host: str, found: Mapping[str, Any]) -> list[str]:
    """Return what to warn of, by what a node answered about its identity; nothing where no order waits."""
    pending = found.get("pending")
    if not pending:
        return []
    said = waiting(pending["since"], pending["waits_for"])
    return [f"{host}: A certificate is {said}. {_meanwhile(pending)}"]


def waiting(since: str, waits_for: str) -> str:
    """Say since when a certificate is waited for, and what the issuer said last."""
    what = f" ({plain(waits_for).rstrip('.')})" if waits_for else ""
    return f"on order since {plain(since)} and not there yet{what}"


def _meanwhile(pending: Mapping[str, Any]) -> str:
    end = pending["not_after"] and plain(pending["not_after"])
    if pending["valid"]:
        return f"The present one is valid until {end}."
    if end:
        return f"The present one is damaged or expired ({end}): the node is left as it is until then."
    return "There is no other: the node is left as it is until then."
