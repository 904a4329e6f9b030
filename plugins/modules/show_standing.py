#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: show_standing
short_description: Show how the fleet stands at the end of a run
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Prints how many nodes came through the run, which did not, and what waits, such as a node that is held.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.attributes.control_node
options:
  hosts:
    description: The hosts that came to this point of the run.
    type: list
    elements: str
    required: true
  run:
    description: All hosts of the run.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Say how the fleet stands
  openimaging.orthanc.show_standing:
    hosts: "{{ ansible_play_hosts }}"
    run: "{{ ansible_play_hosts_all }}"
  run_once: true
"""

RETURN = r"""
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "run": {"type": "list", "elements": "str", "required": True},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
