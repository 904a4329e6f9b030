#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_files
short_description: Write the files that Orthanc reads
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Writes C(orthanc.json), OpenSSL's settings and the unit's drop-in, with their folders, in one go. Each file is
    replaced as a whole or not at all.
  - A task says O(civetweb). The action plugin renders the files as the plan of a run has done, and fills in O(files).
  - The diff shows the files, but for an C(orthanc.json) that holds passwords or did so. The action plugin makes it, as
    the module's own answer hides what it was sent.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
options:
  civetweb:
    description:
      - What M(openimaging.orthanc.civetweb_shim) has returned.
    type: dict
  files:
    description:
      - Files and folders, in the order in which they are written.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path.
        type: str
        required: true
      content:
        description:
          - The whole text in Base64. A folder has none.
          - Ansible hides no text of several lines from a node's journal, so that it has to be one.
        type: str
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
      settings:
        description: Whether it is an C(orthanc.json), which may hold passwords.
        type: bool
        default: false
  absent:
    description:
      - Absolute paths of files that are removed, after all is written.
    type: list
    elements: str
    default: []
seealso:
  - module: openimaging.orthanc.node_look
"""

EXAMPLES = r"""
- name: Write Orthanc's files
  openimaging.orthanc.node_files:
    civetweb: "{{ __orthanc_civetweb }}"
"""

RETURN = r"""
files:
  description: What was written or removed.
  returned: success
  type: list
  elements: str
  sample: [/etc/orthanc/managed/orthanc.json]
before:
  description: By path what was there; null where the difference must not be shown.
  returned: success
  type: dict
"""

from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.node_files import install

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "civetweb": {"type": "dict"},
    "files": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "path": {"type": "str", "required": True},
            "content": {"type": "str", "no_log": True},
            "mode": {"type": "str", "required": True},
            "owner": {"type": "str", "required": True},
            "group": {"type": "str", "required": True},
            "settings": {"type": "bool", "default": False},
        },
    },
    "absent": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    run(module, partial(install, check_mode=module.check_mode), absolute=["absent"])


if __name__ == "__main__":
    main()
