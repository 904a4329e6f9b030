#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: metrics_timer
short_description: Install the timer that writes a node's metrics, or remove it
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Writes a program and the units of a systemd timer, starts the timer, and runs the program once.
  - Without O(files) it stops the timer, and removes its files and what the program has written.
  - A task gives it no options. The action plugin fills in O(files), from C(orthanc_metrics_dir) of the host.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
options:
  files:
    description: The files, in the order in which they are written.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path.
        type: str
        required: true
      content:
        description: The whole text in Base64.
        type: str
        required: true
      mode:
        description: Octal digits.
        type: str
        required: true
      owner:
        description: Name of the owner.
        type: str
        required: true
      group:
        description: Name of the group.
        type: str
        required: true
seealso:
  - module: openimaging.orthanc.node_look
"""

EXAMPLES = r"""
- name: Install the timer of the metrics, or remove it
  openimaging.orthanc.metrics_timer:
"""

RETURN = r"""
files:
  description: What was written or removed.
  returned: success
  type: list
  elements: str
  sample: [/etc/systemd/system/orthanc-metrics.timer]
"""

from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.metrics.timer import settle
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "files": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "path": {"type": "str", "required": True},
            "content": {"type": "str", "required": True},
            "mode": {"type": "str", "required": True},
            "owner": {"type": "str", "required": True},
            "group": {"type": "str", "required": True},
        },
    },
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    run(module, partial(settle, check_mode=module.check_mode), absolute=[])


if __name__ == "__main__":
    main()
