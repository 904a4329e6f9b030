# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a node's identity lies, and the option by which every module on it is told another place."""

from __future__ import annotations

from typing import Any

DEFAULT_PATH = "/etc/orthanc/tls"
PATH_OPTION: dict[str, dict[str, Any]] = {"path": {"type": "str", "default": DEFAULT_PATH}}
