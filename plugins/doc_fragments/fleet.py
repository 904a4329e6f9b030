# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a filter has to be given of the inventory."""

from __future__ import annotations


class ModuleDocFragment:
    """Parts of the documentation by name."""

    DOCUMENTATION = r"""
options:
  hostvars:
    type: dict
    required: true
    description: Ansible's C(hostvars).
  groups:
    type: dict
    required: true
    description: Ansible's C(groups).
"""

    # Of a filter on the name of a host.
    HOST = r"""
options:
  _input:
    type: str
    required: true
    description: Inventory name of a host of the group C(orthanc).
"""

    # Of a filter on all groups of the inventory.
    GROUPS = r"""
options:
  _input:
    type: dict
    required: true
    description: Ansible's C(groups).
"""

    # Of a filter whose result names files of the live generation.
    GENERATION = r"""
options:
  identity:
    type: path
    required: true
    description: Folder of the live generation on the node.
"""
