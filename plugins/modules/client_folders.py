#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: client_folders
short_description: Give every client of the inventory its folder
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Does for each client what M(openimaging.orthanc.client_certificate) does for one, and writes a C(README.txt) for the
    person who gets the files. What was done is printed in lines of its own.
  - A client whose files cannot be made is named at the end, and keeps no other client from its files.
  - Clients with a certificate that is still valid and who are not in O(clients) are named. Nothing of theirs is
    removed.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
  - openimaging.orthanc.attributes.control_node
  - openimaging.orthanc.ca_folder.ca_path_required
options:
  path:
    description:
      - Absolute path of the folder on the control node in which each client has its own.
    type: path
    required: true
  ca_passphrase:
    description:
      - Opens the CA's key where a certificate is due.
    type: str
  url:
    description:
      - Where clients can try their certificate.
    type: str
    required: true
  reissue:
    description:
      - Names of clients that were revoked and get a new key and certificate.
    type: list
    elements: str
    default: []
  clients:
    description:
      - The clients, see the role P(openimaging.orthanc.client#role).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the person, device or service.
        type: str
        required: true
      kind:
        description: For whom C(README.txt) is written.
        type: str
        choices: [person, device, service]
        default: person
      key_type:
        description: Type of the key.
        type: str
        choices: [ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, rsa-4096, ed25519]
        default: ecdsa-p256
      lifetime:
        description: How long a certificate is valid.
        type: str
        default: 180d
      renew_before:
        description: How long before its end a certificate is renewed; a third of its lifetime if it is left out.
        type: str
      subject_alt_name:
        description: Further names, each with its kind.
        type: list
        elements: str
        default: []
      key_passphrase:
        description: Encrypts the key in the PEM files.
        type: str
      pkcs12_passphrase:
        description: Encrypts C(client.p12). Without it there is none. It may be empty.
        type: str
      compatibility:
        description: Whether C(client.p12) is for old Windows and the keychain of macOS.
        type: bool
        default: false
seealso:
  - module: openimaging.orthanc.client_certificate
"""

EXAMPLES = r"""
- name: Write the clients' folders
  openimaging.orthanc.client_folders:
    path: /srv/pki/clients
    ca_path: /srv/pki/orthanc
    ca_passphrase: "{{ orthanc_ca_passphrase }}"
    url: https://archive.example.org/
    clients: "{{ orthanc_clients }}"
  run_once: true
"""

RETURN = r"""
clients:
  description: Each client with its path, the end and the fingerprint of its certificate, and what was done why.
  returned: success
  type: list
  elements: dict
left:
  description: Clients that are not in the inventory, with the end of their newest certificate.
  returned: success
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.key_types import KEY_TYPES

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "path": {"type": "path", "required": True},
    "ca_path": {"type": "path", "required": True},
    "ca_passphrase": {"type": "str", "no_log": True},
    "url": {"type": "str", "required": True},
    "reissue": {"type": "list", "elements": "str", "default": []},
    "clients": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "kind": {"type": "str", "choices": ["person", "device", "service"], "default": "person"},
            "key_type": {"type": "str", "choices": list(KEY_TYPES), "default": "ecdsa-p256", "no_log": False},
            "lifetime": {"type": "str", "default": "180d"},
            "renew_before": {"type": "str"},
            "subject_alt_name": {"type": "list", "elements": "str", "default": []},
            "key_passphrase": {"type": "str", "no_log": True},
            "pkcs12_passphrase": {"type": "str", "no_log": True},
            "compatibility": {"type": "bool", "default": False},
        },
    },
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
