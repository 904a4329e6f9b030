# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a node has the program of its metrics, and the timer that runs it (standard library only)."""

from __future__ import annotations

PROGRAM = "/usr/local/lib/orthanc-metrics.py"
SERVICE_UNIT, TIMER_UNIT = "orthanc-metrics.service", "orthanc-metrics.timer"
SERVICE, TIMER = f"/etc/systemd/system/{SERVICE_UNIT}", f"/etc/systemd/system/{TIMER_UNIT}"
FILES = (PROGRAM, SERVICE, TIMER)
NAME = "orthanc_node.prom"
"""The file in the folder of node_exporter's textfile collector."""
