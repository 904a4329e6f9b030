# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users should know of a plugin that is not meant for them."""

from __future__ import annotations


class ModuleDocFragment:
    """Parts of the documentation by name."""

    DOCUMENTATION = r"""
options: {}
notes:
  - Internal. The roles and playbooks of this collection call it, and it may change at any time.
"""
