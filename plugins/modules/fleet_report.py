#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_report
short_description: Write a report of the fleet
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Writes C(report.html) and C(report.json) from what a run has registered, and prints them in a few lines.
  - In check mode it prints, and writes nothing.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.attributes.control_node
options:
  hosts:
    description:
      - Inventory names of the hosts of the run. Their C(orthanc_plan) and C(verify_result) are what
        M(openimaging.orthanc.node_look) and M(openimaging.orthanc.node_verify) returned.
    type: list
    elements: str
    required: true
  path:
    description: Absolute path of the folder for the files. Its parent must already exist.
    type: path
    required: true
  days:
    description: What ends within so many days, and is renewed by nobody, is a fault.
    type: int
    default: 30
  ca_path:
    description: Absolute path of the CA's folder.
    type: path
    default: ""
  metrics_path:
    description: Absolute path of the folder in which C(orthanc_fleet.prom) is written, where it exists.
    type: path
    default: ""
seealso:
  - module: openimaging.orthanc.node_verify
"""

EXAMPLES = r"""
- name: Write the report
  openimaging.orthanc.fleet_report:
    hosts: "{{ ansible_play_hosts_all }}"
    path: /srv/orthanc/report
    ca_path: /srv/orthanc/ca
  run_once: true
  register: __report
"""

RETURN = r"""
well:
  description: Whether nothing is wrong.
  returned: success
  type: bool
sentence:
  description: How the fleet is, in one sentence.
  returned: success
  type: str
  sample: "All is well: 61 checks on 3 nodes, all as expected."
written:
  description: Absolute paths of the files. Empty in check mode.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "path": {"type": "path", "required": True},
    "days": {"type": "int", "default": 30},
    "ca_path": {"type": "path", "default": ""},
    "metrics_path": {"type": "path", "default": ""},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
