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
options:
  path:
    description:
      - Absolute path of the identity's folder.
    type: str
    default: /etc/orthanc/tls
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
attributes:
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: full
    details:
      - The diff shows names, dates, key types, issuers and fingerprints. It never shows a key.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
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

import datetime
import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    SERVER_TRUST,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.trust import extend
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.trust_bundle import certificates_in


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "str", "default": "/etc/orthanc/tls"},
            "client_certificates": {"type": "list", "elements": "str", "default": []},
            "server_certificates": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    path, further = module.params["path"], {}
    if not os.path.isabs(path):
        module.fail_json(msg=f"path is {path!r}, which is relative; write an absolute path.")
    for bundle, option in ((CLIENT_TRUST, "client_certificates"), (SERVER_TRUST, "server_certificates")):
        for number, text in enumerate(module.params[option], start=1):
            if not certificates_in(text.encode()):
                module.fail_json(msg=f"{option}, entry {number}, holds no certificate; expected is PEM text.")
        further[bundle] = "\n".join(module.params[option]).encode()
    now = datetime.datetime.now(datetime.UTC)
    try:
        result = extend(path, further, check_mode=module.check_mode, now=now)
    except (OrthancTlsError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
