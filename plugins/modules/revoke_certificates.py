#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: revoke_certificates
short_description: Keep in the CA's folder that certificates are revoked
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Writes C(revoked/<serial>.json) for each certificate that is meant. Neither the CA's key nor its passphrase is
    needed.
  - It reaches no node. The front-ends refuse these certificates once they have the deny list, which C(revoke.yml) and
    C(site.yml) bring them.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
  - openimaging.orthanc.attributes.control_node
  - openimaging.orthanc.ca_folder.ca_path_required
options:
  name:
    description: Name of a client or node. All its certificates that are still valid are meant.
    type: str
  serial:
    description: Serial number in hex.
    type: str
  fingerprint:
    description: SHA-256 or SHA-1 of the certificate in hex.
    type: str
  file:
    description: Absolute path of a PEM file on the control node, whose first certificate is meant, from any issuer.
    type: path
  reason:
    description: Why, for those who look later.
    type: str
    default: no reason was given
seealso:
  - module: openimaging.orthanc.client_folders
"""

EXAMPLES = r"""
- name: Revoke what Anna has
  openimaging.orthanc.revoke_certificates:
    ca_path: /srv/pki/orthanc
    name: anna@example.org
    reason: lost laptop
  run_once: true
"""

RETURN = r"""
revoked:
  description: SHA-256 of each certificate that is revoked, in hex.
  returned: success
  type: list
  elements: str
left_open:
  description: The nodes that cannot refuse a revoked certificate, each with the reason.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "ca_path": {"type": "path", "required": True},
    "name": {"type": "str"},
    "serial": {"type": "str"},
    "fingerprint": {"type": "str"},
    "file": {"type": "path"},
    "reason": {"type": "str", "default": "no reason was given"},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
