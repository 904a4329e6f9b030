#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: identity_trust
short_description: Let an identity trust further certificates
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Works on an identity's folder, as M(openimaging.orthanc.certificate) makes it. A new generation has the same key and
    certificate, and trusts what is named here beside what the present one trusts.
  - What the inventory does not ask for is dropped again by the next run of M(openimaging.orthanc.certificate).
  - Fails when the identity is held or damaged. No service is reloaded or restarted.
  - Safe to be killed at any moment.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
  - openimaging.orthanc.identity
  - openimaging.orthanc.identity.diff
options:
  client_certificates:
    description:
      - Certificates in PEM to accept from clients (C(client-trust.pem)). An entry may hold several.
    type: list
    elements: str
    default: []
  server_certificates:
    description:
      - Certificates in PEM to accept from servers (C(server-trust.pem)). An entry may hold several.
    type: list
    elements: str
    default: []
seealso:
  - module: openimaging.orthanc.certificate
  - module: openimaging.orthanc.identity_info
"""

EXAMPLES = r"""
- name: Let a peer come in with the certificate that it will have next
  openimaging.orthanc.identity_trust:
    client_certificates:
      - "{{ lookup('ansible.builtin.file', '/srv/orthanc/ca/pinned/edge1.pem') }}"
"""

RETURN = r"""
path:
  description: The identity's folder.
  returned: success
  type: str
  sample: /etc/orthanc/tls
generation:
  description: Name of the generation that is live now. In check mode that of the present one.
  returned: success
  type: str
  sample: 20261124T110000Z-1f2e3d4c
trust_sha256:
  description: SHA-256 over both trust bundles, in check mode as they would be.
  returned: success
  type: str
"""

from datetime import UTC, datetime

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.location import PATH_OPTION
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.trust import extend, further_trust
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    **PATH_OPTION,
    "client_certificates": {"type": "list", "elements": "str", "default": []},
    "server_certificates": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    check_mode, now = module.check_mode, datetime.now(UTC)
    run(module, lambda its: extend(its["path"], further_trust(its), check_mode=check_mode, now=now))


if __name__ == "__main__":
    main()
