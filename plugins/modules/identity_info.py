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
  - Looks at an identity's folder, at the record of the service that uses it, and at the service's port, in one go.
  - It changes nothing, and what cannot be seen is no failure, so that a gate can say which node is behind and why.
requirements:
  - cryptography >= 38, without which C(present) is all that can be seen
options:
  path:
    description:
      - Absolute path of the identity's folder, see M(openimaging.orthanc.certificate).
    type: str
    default: /etc/orthanc/tls
  service:
    description:
      - The systemd unit that speaks TLS, such as V(nginx.service).
    type: str
    required: true
  record:
    description:
      - Folder of that service's record, see M(openimaging.orthanc.service_record).
    type: str
    required: true
  certificate:
    description:
      - Absolute path of the PEM file that the service serves from, where that is not the identity's.
    type: str
  host:
    description:
      - Address on which the service is asked.
    type: str
    default: 127.0.0.1
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
  timeout:
    description:
      - Seconds to wait for the connection, and for each step of the handshake.
    type: float
    default: 10
attributes:
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying target.
    support: full
    details:
      - This module never changes anything.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: N/A
    details:
      - This module never changes anything.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
seealso:
  - module: openimaging.orthanc.certificate_info
  - module: openimaging.orthanc.tls_probe
"""

EXAMPLES = r"""
- name: What a node with a front-end holds and serves
  openimaging.orthanc.identity_info:
    service: nginx.service
    record: /etc/orthanc/last-healthy-frontend
    port: 443
    server_name: archive.example.org
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
served:
  description: The facts of the certificates that the port serves, the leaf first; null where none was served.
  returned: success
  type: list
  elements: dict
not_loaded:
  description:
    - Why the service does not run with what the node holds; null where it does.
    - The record tells it of trust as well, which a port does not show.
  returned: success
  type: str
  sample: nginx.service has not loaded 20261124T110000Z-1f2e3d4c (changed)
"""

import datetime
import os

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.identity import Service, look, unseen
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.served_chain import Port


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "str", "default": "/etc/orthanc/tls"},
            "service": {"type": "str", "required": True},
            "record": {"type": "str", "required": True},
            "certificate": {"type": "str"},
            "host": {"type": "str", "default": "127.0.0.1"},
            "port": {"type": "int", "required": True},
            "server_name": {"type": "str", "required": True},
            "timeout": {"type": "float", "default": 10},
        },
        supports_check_mode=True,
    )
    options = module.params
    for name in ("path", "record"):
        if not os.path.isabs(options[name]):
            module.fail_json(msg=f"{name} is {options[name]!r}, which is relative; write an absolute path.")
    try:
        import cryptography  # noqa: F401
    except ImportError:
        module.exit_json(**unseen(options["path"], missing_required_lib("cryptography")))
    port = Port(options["host"], options["port"], options["server_name"], options["timeout"])
    service = Service(options["service"], options["record"], options["certificate"])
    try:
        result = look(options["path"], service, port, datetime.datetime.now(datetime.UTC))
    except (OrthancTlsError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
