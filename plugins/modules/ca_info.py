#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: ca_info
short_description: Show the authorities of a CA folder, and the clients they have certified
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Reads the folder that M(openimaging.orthanc.ca) keeps. Nothing is changed, and no passphrase is needed.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.attributes.control_node
  - openimaging.orthanc.ca_folder
seealso:
  - module: openimaging.orthanc.ca
"""

EXAMPLES = r"""
- name: Read the CA's folder
  openimaging.orthanc.ca_info:
    path: /srv/orthanc-ca
  register: __ca

- name: Whose certificate ends with the old CA
  ansible.builtin.debug:
    msg: "{{ __ca.clients | selectattr('generation', 'in', old) | map(attribute='name') }}"
  vars:
    old: "{{ __ca.authorities | selectattr('state', 'eq', 'superseded') | map(attribute='generation') }}"
"""

RETURN = r"""
path:
  description: The folder.
  returned: success
  type: str
  sample: /srv/orthanc-ca
authorities:
  description: Every CA that the folder holds, the retired ones first, each the oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    generation:
      description: Its name.
      type: str
    state:
      description: V(retired) is trusted no longer, V(superseded) issued before, V(active) issues, V(staged) will.
      type: str
    subject:
      description: Distinguished name of its root.
      type: str
    common_name:
      description: Common name of its root.
      type: str
    not_after:
      description: When it ends, in UTC.
      type: str
    fingerprint_sha256:
      description: SHA-256 of its root, in hex.
      type: str
    expired:
      description: Whether it has ended.
      type: bool
    ends_soon:
      description: Whether less than a third of its life is left.
      type: bool
clients:
  description:
    - The newest certificate of every person and device, by name. Only certificates for clients alone count, as a node's
      is for a server too. What retired CAs have issued is left out.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Common name, or the first alternative name.
      type: str
    names:
      description: Subject alternative names.
      type: list
      elements: str
    serial:
      description: Serial number in lower-case hex, which is the name of the file in C(issued).
      type: str
    generation:
      description: The CA that issued it; null where the folder does not hold it.
      type: str
    not_after:
      description: When it ends, in UTC.
      type: str
    expired:
      description: Whether it has ended.
      type: bool
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {"path": {"type": "path", "required": True}}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
