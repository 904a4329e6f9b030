#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: show_plan
short_description: Show what a run will do, and on which hosts
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Prints node by node what will be done, why, and what it interrupts. Nodes with nothing to do are counted.
  - The lines have at most 76 characters. They are not part of the task's result, so that every callback shows them
    alike.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.attributes.control_node
options:
  hosts:
    description:
      - Inventory names of hosts whose C(orthanc_plan) is what M(openimaging.orthanc.node_look) returned.
    type: list
    elements: str
    required: true
  ca_path:
    description: The CA's folder, which is looked at first where a certificate of the group comes from it.
    type: path
    required: true
  ca_passphrase:
    description: The passphrase of the CA's key; it is tried where one is given.
    type: str
    default: ""
seealso:
  - module: openimaging.orthanc.node_look
"""

EXAMPLES = r"""
- name: Show the plan
  openimaging.orthanc.show_plan:
    hosts: "{{ ansible_play_hosts }}"
    ca_path: "{{ orthanc_ca_dir }}"
  run_once: true
"""

RETURN = r"""
applies_to:
  description:
    - The hosts with something to do. Where nodes sign for themselves, a new certificate of one is new trust
      for others. Then all of them are among these hosts.
  returned: success
  type: list
  elements: str
some_blocked:
  description: All hosts, where one of them is blocked, so that nothing will be changed on it.
  returned: success
  type: list
  elements: str
unrenewed:
  description: The hosts with a certificate that expires soon and that no run renews.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "ca_path": {"type": "path", "required": True},
    "ca_passphrase": {"type": "str", "default": "", "no_log": True},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
