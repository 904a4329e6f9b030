#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: show_rollback
short_description: Show what a rollback will do
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Prints for each node to which generation it goes back, until when that is valid, and what is interrupted.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.attributes.control_node
options:
  hosts:
    description:
      - Hosts whose C(rollback_target) is what M(openimaging.orthanc.certificate_generation) returned in check mode.
    type: list
    elements: str
    required: true
  release:
    description: Whether the nodes are released, rather than put back.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show the plan
  openimaging.orthanc.show_rollback:
    hosts: "{{ ansible_play_hosts }}"
  run_once: true
"""

RETURN = r"""
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "release": {"type": "bool", "default": False},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
