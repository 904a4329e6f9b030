# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CA that a module works on."""

from __future__ import annotations


class ModuleDocFragment:
    """Parts of the documentation by name."""

    DOCUMENTATION = r"""
options:
  path:
    description:
      - Absolute path of the CA's folder on the control node.
    type: path
    required: true
"""

    CA_PATH_REQUIRED = r"""
options:
  ca_path:
    description:
      - Absolute path of the CA's folder on the control node, see M(openimaging.orthanc.ca).
    type: path
    required: true
"""

    CA_PATH = r"""
options:
  ca_path:
    description:
      - Absolute path of the CA's folder on the control node, see M(openimaging.orthanc.ca). Required.
    type: path
"""
