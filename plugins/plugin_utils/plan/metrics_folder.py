# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder in which a node writes its metrics: how its variable is read, and what keeps the node from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook


def metrics_dir(value: Any) -> str:
    """Read C(orthanc_metrics_dir): it stands in a unit of systemd's, where other characters have a meaning."""
    path = str(value or "")
    if path and not re.fullmatch(r"(/[A-Za-z0-9._-]+)+/?", path):
        raise TypeError("it must be an absolute path of letters, digits, dots, dashes and underscores, or empty")
    return path.rstrip("/")


def metrics_blockers(folder: str, look: NodeLook) -> Iterator[str]:
    """Yield what keeps a node from writing its metrics."""
    if folder and look.files[folder].kind not in ("folder", "link"):
        yield (
            f"orthanc_metrics_dir is {folder}, which is not a folder on this node. Install prometheus-node-exporter, "
            "or name the folder that its textfile collector reads."
        )
