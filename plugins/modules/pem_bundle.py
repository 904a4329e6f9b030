#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: pem_bundle
short_description: Concatenate keys, certificates and CA lists into one checked PEM file
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Writes one PEM file from files of the host and from PEM text, in the order of O(sources).
  - It makes the checks that Orthanc (1.10 to 1.13) does not make before it refuses to start. These are that the key
    matches the leaf, the leaf comes before its intermediates, each certificate is signed by the next one, the key is
    not encrypted, nothing is expired or not valid yet, nothing is there twice, and nothing is missing.
  - When anything is wrong, the task fails, says which source it is, and the old file stays.
  - The file is replaced by one rename, and a key in it is at no moment readable beyond O(mode).
  - What stands between the PEM blocks is left out. The blocks keep their encoding.
requirements:
  - cryptography >= 38
extends_documentation_fragment:
  - openimaging.orthanc.attributes
options:
  path:
    description:
      - Absolute path of the file to write. Its folder must be there.
      - A symbolic link at this place is replaced by the file.
    type: str
    required: true
  sources:
    description:
      - What goes into the file, in this order. Each is an absolute path on the host, or PEM text.
      - A source may hold several blocks. The key may stand anywhere; the leaf must precede its intermediates.
      - Text of a private key never appears in output. Keep in mind that Ansible carries it to the host as it does any
        module parameter; a key that is already on the host is better named by its path.
    type: list
    elements: str
    required: true
  purpose:
    description:
      - What the file is for, which decides what must be in it.
      - V(server) is one private key, its leaf, and the leaf's intermediates, such as Orthanc's C(SslCertificate)
        or a peer's C(CertificateFile). A self-signed certificate is a leaf too.
      - V(chain) is a leaf and its intermediates without a key.
      - V(trust) is a list of certificates to trust, in any order, such as Orthanc's C(SslTrustedClientCertificates)
        or C(HttpsCACertificates). It may hold CA certificates and individual self-signed certificates. A leaf that a CA
        issued is an error; an intermediate without its issuer is a warning, since Orthanc does not accept it for
        clients.
      - V(auto) is V(server) when there is a key, V(chain) when there is none and the first certificate is no CA
        and another one signed it, and V(trust) otherwise.
    type: str
    choices: [auto, server, chain, trust]
    default: auto
  mode:
    description:
      - Mode of the file as quoted octal digits.
      - The default is V(0640) when the file holds a key, and V(0644) otherwise.
      - A mode that lets every user read a key is an error.
    type: raw
  owner:
    description:
      - Owner of the file. The default leaves it as it is, or to the user who runs the module.
    type: str
  group:
    description:
      - Group of the file. The default leaves it as it is, or to the group that runs the module.
    type: str
  server_name:
    description:
      - Name or address by which clients call the server. The file is only written if a TLS client that calls for it and
        trusts O(ca_certificates) accepts the bundle, which is tried in memory. Only for a bundle with a key.
    type: str
  ca_certificates:
    description:
      - PEM text of certificates that such a client trusts.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    details:
      - In check mode, when both the file and one of its sources are missing, as on a fresh host, the result is
        C(changed) with a warning, because an earlier task may make the source. The same where the file and Python's
        cryptography are missing, which an earlier task may install.
  diff_mode:
    details:
      - The diff shows subjects, dates and fingerprints. It never shows bytes of a key.
seealso:
  - module: openimaging.orthanc.certificate_info
"""

EXAMPLES = r"""
- name: What Orthanc serves, from a key and a chain that are on the host already
  openimaging.orthanc.pem_bundle:
    path: /etc/orthanc/own/server.pem
    sources:
      - /etc/orthanc/own/key.pem
      - /etc/orthanc/own/cert.pem
      - /etc/orthanc/own/intermediates.pem
    owner: root
    group: orthanc

- name: Whose client certificates Orthanc accepts, from a file on the controller
  openimaging.orthanc.pem_bundle:
    path: /etc/orthanc/own/clients.pem
    sources:
      - "{{ lookup('ansible.builtin.file', 'hospital-ca.pem') }}"
    purpose: trust
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /etc/orthanc/own/server.pem
purpose:
  description:
    - What the file was found or told to be for. It is null when it is not known yet in check mode.
  returned: success
  type: str
  sample: server
certificates:
  description:
    - Facts of the certificates in the file, in their order, as M(openimaging.orthanc.certificate_info) returns them.
  returned: success
  type: list
  elements: dict
"""

from datetime import UTC, datetime
from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.bundles.file import bundle_of, is_path
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "path": {"type": "str", "required": True},
    # A source may be the text of a private key.
    "sources": {"type": "list", "elements": "str", "required": True, "no_log": True},
    "purpose": {"type": "str", "choices": ["auto", "server", "chain", "trust"], "default": "auto"},
    "mode": {"type": "raw"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "server_name": {"type": "str"},
    "ca_certificates": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    # Paths are no secrets, and errors have to name them.
    module.no_log_values.difference_update(source for source in module.params["sources"] if is_path(source))
    run(module, partial(bundle_of, now=datetime.now(UTC), check_mode=module.check_mode))


if __name__ == "__main__":
    main()
