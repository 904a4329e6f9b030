#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: publish_crls
short_description: Sign the CRL of each CA in the CA's folder
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Writes C(crl.pem) of each CA that is trusted, and C(issuing-crl.pem) of its intermediate, where another certificate
    of it is revoked now.
  - A CRL is valid as long as its CA. Its number never goes down.
  - Where a key or the passphrase is not at hand, a warning names the CRL that is not up to date. The front-ends do not
    depend on it.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
  - openimaging.orthanc.attributes.control_node
  - openimaging.orthanc.ca_folder.ca_path_required
options:
  ca_passphrase:
    description: Opens the keys of the CAs.
    type: str
    default: ""
attributes:
  diff_mode:
    support: none
    details:
      - What is written stands in RV(written).
seealso:
  - module: openimaging.orthanc.revoke_certificates
"""

EXAMPLES = r"""
- name: Publish what is revoked
  openimaging.orthanc.publish_crls:
    ca_path: /srv/pki/orthanc
    ca_passphrase: "{{ vault_ca_passphrase }}"
  run_once: true
"""

RETURN = r"""
written:
  description: The CRLs that were signed.
  returned: success
  type: list
  elements: str
  sample: [/srv/pki/orthanc/authorities/20261124T110000Z-0a1b2c/crl.pem]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "ca_path": {"type": "path", "required": True},
    "ca_passphrase": {"type": "str", "default": "", "no_log": True},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
