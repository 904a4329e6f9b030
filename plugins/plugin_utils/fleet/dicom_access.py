# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a node's DICOM port answers, by the settings that the inventory gives Orthanc."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Of Orthanc's own defaults only C-ECHO and C-STORE are open to everybody; the first tells nobody anything.
_OPEN = {
    "DicomAlwaysAllowStore": True,
    "DicomAlwaysAllowFind": False,
    "DicomAlwaysAllowFindWorklist": False,
    "DicomAlwaysAllowGet": False,
    "DicomAlwaysAllowMove": False,
}

# No probe shows it, as nothing is refused; the settings have to be chosen for each site.
CLOSES_IT = "DicomAlwaysAllowStore: false and DicomCheckModalityHost: true in orthanc_config close it."


def answers_everybody(config: Mapping[str, Any]) -> bool:
    """Whether a DICOM client that nobody knows may send, ask or fetch; C(config) is orthanc_config."""
    if not config.get("DicomServerEnabled", True):
        return False
    if config.get("DicomTlsEnabled", False) and config.get("DicomTlsRemoteCertificateRequired", True):
        return False
    return any(config.get(key, default) for key, default in _OPEN.items())
