#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: preflight
short_description: Check with what a playbook of the collection was started
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Fails where ansible-core or Python on the control node is too old for the collection.
  - Fails where O(hosts) is empty.
  - Fails where a variable of a host has a prefix of the collection (C(orthanc_), C(frontend_), C(identity_), C(ca_),
    C(verify_), C(schedule_), C(adopt_), C(rollover_), C(rollback_), C(rotate_)) and is none of the collection's
    variables, nor listed in the host's C(orthanc_own_variables). The error names the host and the nearest name.
  - Fails where two of O(hosts) share a name of their certificates (C(orthanc_fqdn), C(orthanc_subject_alt_names) and,
    with a front-end, C(frontend_server_names)), as each could pass for the other. Case and spelling do not count, and a
    wildcard stands for the names that it covers. The names of every machine, C(localhost) and loopback addresses, may
    be shared.
  - Fails where a value of the inventory cannot be used, and names all of these at once, each once, with the hosts that
    have it. Values in C(orthanc_config) are checked as Orthanc checks them. What depends on a host, such as its groups,
    is left to the look at it.
  - Fails where one of the collection's playbooks is started with C(--tags) or C(--skip-tags), as it has no tags.
  - Runs on the control node, whatever the host. Nothing is sent to a host, and none has to be reachable.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
options:
  hosts:
    description: Inventory names of the hosts whose variables are checked, whether they take part in the run or not.
    type: list
    elements: str
    required: true
  host_facts:
    description:
      - Whether to look at the facts of the task's host too, and fail where one overrides a variable of the inventory.
    type: bool
    default: false
  fail_msg:
    description: What is wrong where O(hosts) is empty.
    type: str
    default: The list of hosts is empty.
"""

EXAMPLES = r"""
- name: Check the variables of the whole group
  openimaging.orthanc.preflight:
    hosts: "{{ groups['orthanc'] }}"
  run_once: true
"""

RETURN = r"""
"""

from ansible.module_utils.basic import AnsibleModule

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "host_facts": {"type": "bool", "default": False},
    "fail_msg": {"type": "str", "default": "The list of hosts is empty."},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="The action plugin of this module does its work on the control node; call it from a task.")


if __name__ == "__main__":
    main()
