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
  - cryptography >= 38
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.identity
  - openimaging.orthanc.handshake
options:
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

from datetime import UTC, datetime
from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.location import PATH_OPTION
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.identity import look_at
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.served_chain import TIMEOUT_OPTION

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    **PATH_OPTION,
    **TIMEOUT_OPTION,
    "service": {"type": "str", "required": True},
    "record": {"type": "str", "required": True},
    "certificate": {"type": "str"},
    "host": {"type": "str", "default": "127.0.0.1"},
    "port": {"type": "int", "required": True},
    "server_name": {"type": "str", "required": True},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    look = partial(look_at, now=datetime.now(UTC))
    run(module, look, absolute=["path", "record", "certificate"], requires=["cryptography"])


if __name__ == "__main__":
    main()
