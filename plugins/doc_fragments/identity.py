# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The identity that a module works on."""

from __future__ import annotations


class ModuleDocFragment:
    """Parts of the documentation by name."""

    DOCUMENTATION = r"""
options:
  path:
    description:
      - Absolute path of the identity's folder on the node, see M(openimaging.orthanc.certificate).
    type: str
    default: /etc/orthanc/tls
"""

    # Of a module that changes the identity.
    DIFF = r"""
attributes:
  diff_mode:
    details:
      - The diff shows names, dates, key types, issuers and fingerprints. It never shows a key.
"""
