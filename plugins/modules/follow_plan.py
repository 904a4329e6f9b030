#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: follow_plan
short_description: Let a host take part in a run, or leave it
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Fails for a host that something blocks, so that it leaves the run and does not stop the others.
  - Puts a host on which something is to be done into a group, for the plays that follow.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.attributes.control_node
options:
  blockers:
    description:
      - What stands in the way of this host, in sentences.
    type: list
    elements: str
    default: []
  applies_to:
    description:
      - Inventory names of all hosts on which something is to be done.
    type: list
    elements: str
    required: true
  group:
    description:
      - Name of the group.
    type: str
    required: true
seealso:
  - module: openimaging.orthanc.show_plan
"""

EXAMPLES = r"""
- name: Let the node take part, or leave it alone
  openimaging.orthanc.follow_plan:
    blockers: "{{ orthanc_plan.blockers }}"
    applies_to: "{{ orthanc_shown.applies_to }}"
    group: orthanc_apply
"""

RETURN = r"""
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "blockers": {"type": "list", "elements": "str", "default": []},
    "applies_to": {"type": "list", "elements": "str", "required": True},
    "group": {"type": "str", "required": True},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
