#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: identity_info
short_description: Show what a node holds, what it serves, and whether that was loaded
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Looks at an identity's folder, at the records of the services that have loaded it, and at their ports, in one go.
  - It changes nothing, and what cannot be seen is no failure, so that a gate can say which node is behind and why.
  - A task needs no options. The action plugin fills them in by what the inventory says of the host.
requirements:
  - cryptography >= 38, without which C(present) is all that can be seen
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.identity
  - openimaging.orthanc.handshake
options:
  services:
    description:
      - The services of the node that have loaded the identity.
    type: list
    elements: dict
    default: []
    suboptions:
      service:
        description:
          - The systemd unit, such as V(nginx.service).
        type: str
        required: true
      record:
        description:
          - Absolute path of the folder with its record, see M(openimaging.orthanc.service_load).
        type: str
        required: true
      certificate:
        description:
          - Absolute path of the PEM file that the service serves from, where that is not the identity's.
        type: str
      port:
        description:
          - The service's TCP port.
        type: int
        required: true
      server_name:
        description:
          - Name to ask the server for (SNI).
        type: str
        required: true
  host:
    description:
      - Address on which the services are asked.
    type: str
    default: 127.0.0.1
seealso:
  - module: openimaging.orthanc.certificate_info
  - module: openimaging.orthanc.tls_probe
"""

EXAMPLES = r"""
- name: What a node holds, serves and has loaded
  openimaging.orthanc.identity_info:
  register: __look

- name: It serves what it holds
  ansible.builtin.assert:
    that: __look.not_loaded is none
    fail_msg: "{{ __look.not_loaded }}"
"""

RETURN = r"""
present:
  description: Whether there is an identity's folder, also one that cannot be read.
  returned: success
  type: bool
identity:
  description:
    - The facts of the folder, as M(openimaging.orthanc.certificate_info) returns them; null where there is no identity.
  returned: success
  type: dict
fault:
  description: Why there is no identity to be seen; null where there is one.
  returned: success
  type: str
services:
  description: What each service has loaded; none where nothing can be seen.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: The systemd unit.
      type: str
    served:
      description: The facts of the certificates that its port serves, the leaf first; null where none was served.
      type: list
    not_loaded:
      description: Why it does not run with what the node holds; null where it does.
      type: str
served:
  description: What the first service serves that serves any certificate; null where there is none.
  returned: success
  type: list
  elements: dict
not_loaded:
  description:
    - Why a service does not run with what the node holds; null where all do.
    - The record tells it of trust as well, which a port does not show.
  returned: success
  type: str
  sample: nginx.service has not loaded 20261124T110000Z-1f2e3d4c (changed)
"""

from datetime import UTC, datetime
from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.location import PATH_OPTION
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.identity import look_at
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.served_chain import TIMEOUT_OPTION

_SERVICE: dict[str, dict[str, object]] = {
    "service": {"type": "str", "required": True},
    "record": {"type": "str", "required": True},
    "certificate": {"type": "str"},
    "port": {"type": "int", "required": True},
    "server_name": {"type": "str", "required": True},
}

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    **PATH_OPTION,
    **TIMEOUT_OPTION,
    "services": {"type": "list", "elements": "dict", "options": _SERVICE, "default": []},
    "host": {"type": "str", "default": "127.0.0.1"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    look = partial(look_at, now=datetime.now(UTC))
    run(module, look, absolute=["path"])


if __name__ == "__main__":
    main()
