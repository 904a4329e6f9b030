#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_identity
short_description: Give a node the identity that the inventory orders, and have its services load it
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Does in one task what M(openimaging.orthanc.certificate) does for the host as the inventory and the variables of the
    role C(identity) order it, and then M(openimaging.orthanc.service_load) for each service that loads the identity.
  - Packages and configuration stay as they are. In check mode no service is asked.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
options:
  trust_only:
    description: Whether the certificate stays, and only what the node trusts is renewed.
    type: bool
    default: false
  release:
    description: Whether a node that is held is released first.
    type: bool
    default: false
seealso:
  - module: openimaging.orthanc.certificate
  - module: openimaging.orthanc.service_load
"""

EXAMPLES = r"""
- name: Renew what the node holds, and have it loaded
  openimaging.orthanc.node_identity:
"""

RETURN = r"""
renewed:
  description: Whether there is a new certificate.
  returned: success
  type: bool
reason:
  description: Why the identity was replaced, see M(openimaging.orthanc.certificate).
  returned: success
  type: str
not_after:
  description: Until when the certificate is valid.
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "trust_only": {"type": "bool", "default": False},
    "release": {"type": "bool", "default": False},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
