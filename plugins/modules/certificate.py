#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: certificate
short_description: Give a node its key, certificate and trust bundles
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Keeps one identity on a node. An identity is a private key, a certificate from the CA folder on the control node,
    its chain, and the trust bundles for clients and for servers.
  - The private key is made on the node and never leaves it. The signature is made on the control node, with names and
    usages from the task. Of the node's signing request only the public key is taken.
  - What belongs together lies in one folder that is never changed, a generation, and the link C(current) is moved to a
    new one by one rename. Killed at any moment, C(current) points to a whole generation, and the next run converges.
  - When nothing is due, the task is one module execution on the node. It needs no CA passphrase then, and the private
    key is not loaded on the node.
  - A certificate that was issued by a CA which the CA folder does not hold is an error, before anything is written.
  - Some issuers answer later. Then key and CSR stay in the folder C(pending) until they do or the order changes, the
    live certificate stays, and the task succeeds with a warning.
  - An identity that is held (C(held.json) in its folder, as C(rollback.yml) leaves it) is not changed, whatever is due.
    The task warns of it and says how to release it.
  - With O(issuer=selfsigned) there is no CA. The node signs for itself, and its public certificate is kept as
    C(pinned/<host>.pem) in O(ca_path) on the control node, for the hosts that name it in O(pinned_clients) or
    O(pinned_servers).
  - What such a node publishes must be what was ordered, a certificate that it signed for itself and that may sign no
    other, with the names, usages, key type and validity of the task. Anything else is an error for this node alone, and
    the others keep what they trust. A file in C(pinned) that cannot be read is a warning, and leaves trust as it is.
requirements:
  - cryptography >= 38 on the control node
  - the program C(openssl) on the node (Debian's package openssl), where a certificate is due
extends_documentation_fragment:
  - openimaging.orthanc.attributes
  - openimaging.orthanc.identity
  - openimaging.orthanc.identity.diff
  - openimaging.orthanc.ca_folder.ca_path
  - openimaging.orthanc.issuer
  - openimaging.orthanc.leaf
options:
  common_name:
    description:
      - Host name or IP address for the subject; it is repeated among the alternative names.
      - One that is longer than 64 bytes in UTF-8 stands among the alternative names only (RFC 5280).
      - So does one that the CA's name constraints forbid, where OpenSSL would take it for a DNS name, as it does with a
        host name or an address when there is no DNS name among the alternative names.
    type: str
  subject_alt_name:
    description:
      - Further names, each with its kind, such as V(DNS:pacs.example.org) or V(IP:192.0.2.7). C(email:) and C(URI:)
        are possible.
      - Internationalised names become A-labels. At least one name is needed here or in O(common_name).
    type: list
    elements: str
    default: []
  allow_wildcard:
    description:
      - Whether DNS names such as V(*.pacs.example.org) may be asked for.
    type: bool
    default: false
  extended_key_usage:
    description:
      - What the certificate is for. A node that serves and calls others needs both.
    type: list
    elements: str
    choices: [serverAuth, clientAuth]
    default: [serverAuth, clientAuth]
  force:
    description:
      - Whether to renew although nothing is due.
    type: bool
    default: false
  trust_only:
    description:
      - Whether to replace the trust bundles only. A renewal waits then, unless the certificate is missing, damaged or
        expired.
      - For the first phase of a rollover, in which the old CA need not sign any more.
    type: bool
    default: false
  owner:
    description:
      - Name or number of the user who owns folders and files.
    type: str
    default: root
  group:
    description:
      - Name or number of the group that may read them. It must exist, except in check mode.
    type: str
    default: orthanc
  keep:
    description:
      - How many generations stay on the node, the current one included.
    type: int
    default: 5
  client_ca_certificates:
    description:
      - PEM text of further certificates for C(client-trust.pem), beside the CA folder's own trust bundle.
      - Whoever holds a certificate of one of these is a client of this node.
    type: list
    elements: str
    default: []
  server_ca_certificates:
    description:
      - PEM text of further certificates for C(server-trust.pem), beside the CA folder's own trust bundle.
      - This is the place for the CA of a peer outside the fleet, which must not become a trusted client by it.
    type: list
    elements: str
    default: []
  allow_issuer_change:
    description:
      - Whether a certificate of a CA that the CA folder does not hold may be replaced.
    type: bool
    default: false
  enrolment:
    description:
      - Filled in by the action plugin on the control node, and refused in a task.
    type: dict
attributes:
  check_mode:
    details:
      - Works on a fresh node without packages, users and folders, and before the CA folder exists.
      - Where a certificate is due, it is tried whether the CA could sign it, with the passphrase.
  idempotent:
    support: partial
    details:
      - With O(force=true) every run renews.
notes:
  - The identity's folder is made if it is missing. It holds the link C(current) to the live folder in C(generations).
    In there are C(key.pem), C(cert.pem), C(chain.pem) (intermediates only, empty where a root issues), C(fullchain.pem)
    (leaf and intermediates), C(server.pem) (key, leaf and intermediates), C(client-trust.pem), C(server-trust.pem) and
    C(manifest.json).
  - Folders have mode 0750, files 0640, and belong to O(owner) and O(group).
  - Whether a certificate is due is decided by the node's clock.
seealso:
  - module: openimaging.orthanc.ca
  - module: openimaging.orthanc.certificate_info
"""

EXAMPLES = r"""
- name: The identity of an Orthanc node
  openimaging.orthanc.certificate:
    common_name: "{{ inventory_hostname }}"
    subject_alt_name:
      - DNS:pacs.example.org
      - IP:192.0.2.7
    ca_path: /srv/orthanc-ca
    ca_passphrase: "{{ vault_ca_passphrase }}"

- name: A shorter life, and a peer outside the fleet that has a CA of its own
  openimaging.orthanc.certificate:
    common_name: "{{ inventory_hostname }}"
    lifetime: 30d
    renew_before: 12d
    server_ca_certificates:
      - "{{ lookup('ansible.builtin.file', 'partner-ca.pem') }}"
    ca_path: /srv/orthanc-ca
    ca_passphrase: "{{ vault_ca_passphrase }}"
"""

RETURN = r"""
renewed:
  description: Whether there is a new key and a new certificate, or would be.
  returned: success
  type: bool
  sample: true
reason:
  description:
    - Why something changed or would change, the first that holds of this list; null when nothing is due.
    - V(missing), V(damaged) (content, mode or owner of a file is not as it was written), V(issuer_changed),
      V(names_changed) (names or usages), V(key_changed) (another O(key_type)), V(expired), V(expiring), V(forced),
      and V(trust_changed), which alone keeps key and certificate.
  returned: success
  type: str
  sample: expiring
path:
  description: The identity's folder.
  returned: success
  type: str
  sample: /etc/orthanc/tls
generation:
  description: Name of the current generation's folder; null in check mode when there would be a new one.
  returned: success
  type: str
  sample: 20261124T110000Z-1f2e3d4c
held:
  description:
    - Why the identity is held, so that nothing was changed whatever is due; null where it is not. It is held once it
      went back, by C(rollback.yml) or by itself, until C(rollback.yml) releases it.
  returned: success
  type: dict
  contains:
    generation:
      description: The generation at which it is held.
      type: str
    since:
      description: Since when, in UTC.
      type: str
    why:
      description: Why.
      type: str
    ends_soon:
      description: Whether less than a sixth of the certificate's life is left, or it is damaged.
      type: bool
pending:
  description: What is known of an order that the issuer answers later; null where none waits.
  returned: success
  type: dict
  contains:
    since:
      description: When it was ordered, in UTC.
      type: str
    waits_for:
      description: What the issuer said last.
      type: str
    not_after:
      description: End of the present certificate, in UTC; null where there is none.
      type: str
    valid:
      description: Whether the present certificate is whole and has not expired.
      type: bool
not_after:
  description: End of the certificate, in UTC; null in check mode when there would be a new generation.
  returned: success
  type: str
  sample: '2027-05-23T11:00:00Z'
fingerprint_sha256:
  description: SHA-256 of the certificate, in lower-case hex; null in check mode when there would be a new generation.
  returned: success
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
waiting_sha256:
  description:
    - SHA-256 of the certificate that is prepared and not live yet; null where there is none, as always with
      O(issuer=local).
  returned: success
  type: str
trust_sha256:
  description:
    - One SHA-256 for C(client-trust.pem) and C(server-trust.pem), over the SHA-256 of each.
    - Null in check mode before the CA folder exists.
  returned: success
  type: str
  sample: 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752
"""

from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.issuer_options import ISSUER_OPTIONS
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.steps import perform
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.location import PATH_OPTION
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node, run
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_options import LEAF_OPTIONS

_USAGES = ["serverAuth", "clientAuth"]

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **PATH_OPTION,
    **LEAF_OPTIONS,
    **ISSUER_OPTIONS,
    "common_name": {"type": "str"},
    "subject_alt_name": {"type": "list", "elements": "str", "default": []},
    "allow_wildcard": {"type": "bool", "default": False},
    "extended_key_usage": {"type": "list", "elements": "str", "choices": _USAGES, "default": _USAGES},
    "force": {"type": "bool", "default": False},
    "trust_only": {"type": "bool", "default": False},
    "owner": {"type": "str", "default": "root"},
    "group": {"type": "str", "default": "orthanc"},
    "keep": {"type": "int", "default": 5},
    "client_ca_certificates": {"type": "list", "elements": "str", "default": []},
    "server_ca_certificates": {"type": "list", "elements": "str", "default": []},
    "ca_path": {"type": "path"},
    "allow_issuer_change": {"type": "bool", "default": False},
    "enrolment": {"type": "dict"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if module.params["enrolment"] is None:
        only_on_control_node(module)
    run(module, partial(perform, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
