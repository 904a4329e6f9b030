#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: show_verified
short_description: Show what a verification has found
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Prints what is not as expected, by its cause and with what to do, and counts the rest. It names whose pairs were not
    tried, who calls a host of the run at another URL, and what ends first. With C(-v) it prints all that was tried.
  - Its last lines say how many nodes came through the run, which certificate expires next, and what waits.
  - The lines have at most 76 characters without C(-v). They are not part of the task's result, so that every callback
    shows them alike.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.attributes.control_node
options:
  hosts:
    description:
      - Inventory names of hosts whose C(verify_result) is what M(openimaging.orthanc.node_verify) returned.
    type: list
    elements: str
    required: true
  peers:
    description:
      - Inventory names of the hosts whose pairs were to be tried.
    type: list
    elements: str
    required: true
  callers:
    description:
      - What M(openimaging.orthanc.node_verify) returned of hosts outside the run, with its C(item) each.
    type: list
    elements: dict
    default: []
  closes:
    description: Whether this is the end of the run, so that its last lines say how the fleet stands.
    type: bool
    default: true
seealso:
  - module: openimaging.orthanc.node_verify
"""

EXAMPLES = r"""
- name: Show what was tried
  openimaging.orthanc.show_verified:
    hosts: "{{ ansible_play_hosts }}"
    peers: "{{ groups['orthanc'] }}"
  run_once: true
  register: __shown
"""

RETURN = r"""
failures:
  description: By host a sentence about what is not as expected there, and the cause. Empty where all is.
  returned: success
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "peers": {"type": "list", "elements": "str", "required": True},
    "callers": {"type": "list", "elements": "dict", "default": []},
    "closes": {"type": "bool", "default": True},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
