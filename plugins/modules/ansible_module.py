#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: ansible_module
short_description: Execute a module of Ansible's own on a node
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Executes a module of C(ansible.builtin) on a node, and takes of its answer whether it failed or changed something.
  - Ansible itself takes facts from such an answer, and prints it with the control sequences that are in it.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
options:
  name:
    description: Name of the module, without its collection.
    type: str
    required: true
    choices: [apt, command, file]
  options:
    description: The module's options.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Install missing packages
  openimaging.orthanc.ansible_module:
    name: apt
    options:
      name: [orthanc]
"""

RETURN = r"""
stderr:
  description: What a command has written to standard error.
  returned: when it was a command
  type: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True, "choices": ["apt", "command", "file"]},
    "options": {"type": "dict", "required": True},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
