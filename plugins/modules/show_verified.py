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
  - Prints how many probes were as expected, whose pairs were not tried, and which certificate ends first. With C(-v) it
    prints all that was tried.
  - The lines are not part of the task's result, so that every callback shows them alike. What is not as expected has
    failed before, on the host that it concerns.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.attributes.control_node
options:
  hosts:
    description:
      - Inventory names of hosts whose C(verify_result) is what M(openimaging.orthanc.tls_probe) returned.
    type: list
    elements: str
    required: true
  peers:
    description:
      - Inventory names of the hosts whose pairs were tried.
    type: list
    elements: str
    required: true
seealso:
  - module: openimaging.orthanc.tls_probe
"""

EXAMPLES = r"""
- name: Show what was tried
  openimaging.orthanc.show_verified:
    hosts: "{{ ansible_play_hosts }}"
    peers: "{{ groups['orthanc'] }}"
  run_once: true
"""

RETURN = r"""
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "peers": {"type": "list", "elements": "str", "required": True},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
