#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: show_batch
short_description: Show how far a run is that changes nodes in batches
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Prints how many nodes are done, failed, in this batch and to do. Where there is one batch, it prints nothing.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.attributes.control_node
options:
  batch:
    description: The hosts of this batch.
    type: list
    elements: str
    required: true
  hosts:
    description: All hosts of the play, in the order of the batches.
    type: list
    elements: str
    required: true
  running:
    description: Those of them that have not failed so far.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show the progress
  openimaging.orthanc.show_batch:
    batch: "{{ ansible_play_batch }}"
    hosts: "{{ ansible_play_hosts_all }}"
    running: "{{ ansible_play_hosts }}"
  run_once: true
"""

RETURN = r"""
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "batch": {"type": "list", "elements": "str", "required": True},
    "hosts": {"type": "list", "elements": "str", "required": True},
    "running": {"type": "list", "elements": "str", "required": True},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
