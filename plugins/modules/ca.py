#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: ca
short_description: Keep a certificate authority in a folder on the control node
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Creates a CA, and takes it through a rollover. A next CA is staged (trusted), activated (it issues), and the old
    one is retired (no longer trusted).
  - The folder is readable with C(openssl) and nothing else. See the notes for its layout.
  - Every CA has a subject of its own, since the name of its generation is part of it.
  - Options that describe a CA count when one is made. An existing CA is never changed by them.
  - Safe to be killed at any moment and to be run twice at once. The next run converges.
extends_documentation_fragment:
  - openimaging.orthanc.attributes
  - openimaging.orthanc.attributes.control_node
  - openimaging.orthanc.ca_folder
options:
  passphrase:
    description:
      - Encrypts the private keys of a CA that is made. It belongs in a variable in ansible-vault.
      - Needed by a run that makes a CA or lets one issue. With O(state=staged) it must open the key of the active CA,
        unless that key is gone, and with O(state=active) that of the staged one. So no CA issues that cannot be opened.
      - When it is given and O(state=present) has nothing to do, it is tried on the active CA's key, so that a wrong one
        is found early. O(state=staged) tries it on the CA that is staged already.
      - A new CA's has at least 12 characters, at most 1023 bytes, and no line break. A shorter one of an existing CA
        gives a warning, and so do keys that an earlier version encrypted with few rounds. Nothing encrypts them anew by
        itself; the page on the CA folder says how.
    type: str
  state:
    description:
      - V(present) makes a CA when there is none. Fails when the active one has expired or is not valid yet.
      - V(staged) makes the next CA, unless one is staged already. It is trusted from then on.
      - V(active) lets the staged CA issue, see O(generation). Without one there is nothing to do.
        Needs O(passphrase). One that has expired or is not valid yet is refused.
      - V(retired) takes CAs out of the trust bundle. See O(generation).
    type: str
    choices: [present, staged, active, retired]
    default: present
  common_name:
    description:
      - Common name of the root, at most 64 bytes in UTF-8, with an intermediate at most 56.
    type: str
    default: Orthanc CA
  key_type:
    description:
      - Type of the CA's keys.
    type: str
    choices: [ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, rsa-4096]
    default: ecdsa-p384
  lifetime:
    description:
      - How long a CA is valid, as a whole number with the unit C(m), C(h), C(d) or C(w).
    type: str
    default: 3650d
  intermediate:
    description:
      - Let the root sign an intermediate, and the intermediate sign the leaves. Both lie in the folder, and the root's
        key can be taken off-line.
    type: bool
    default: false
  name_constraints_permitted:
    description:
      - DNS domains (C(DNS:example.org), with all below) and IP networks (C(IP:10.0.0.0/8)) for which the CA may issue.
      - Names of a kind that is not listed stay unconstrained (RFC 5280, section 4.2.1.10).
      - Where they forbid a common name that verifiers take for a DNS name, a certificate has none.
    type: list
    elements: str
    default: []
  name_constraints_excluded:
    description:
      - DNS domains and IP networks for which the CA may not issue.
    type: list
    elements: str
    default: []
  generation:
    description:
      - Which CA to retire with O(state=retired). By default all that issued before the active one.
      - The active one is refused. A staged one can be given up in this way.
      - The CA that issues from now on, with O(state=active). By default the staged one. One that is neither staged nor
        active is refused.
    type: str
  keep_retired:
    description:
      - How many retired CAs the folder keeps when one retires. Older ones are removed, with what they have issued.
      - A node that comes back with a certificate of a CA that was removed is a stranger to the folder.
    type: int
    default: 3
  in_use:
    description:
      - In words, which nodes hold certificates of a CA already. With any, O(state=present) creates no CA where the
        folder holds none, and fails, as the folder is missing or the wrong one.
    type: list
    elements: str
    default: []
    version_added: 0.1.0
  allow_new:
    description:
      - Whether a CA may be created all the same. Nodes with certificates of another CA and those of the new one refuse
        each other.
    type: bool
    default: false
    version_added: 0.1.0
attributes:
  diff_mode:
    details:
      - The diff shows the trusted CAs by generation, subject, end and fingerprint. It never shows keys or passphrases.
  idempotent:
    details:
      - O(state=staged) stages another CA once the staged one is active.
notes:
  - The folder's parent must already exist. The folder is made with mode 0700. One that others can enter, or that
    belongs to another user, is refused.
  - The folder holds C(authorities/<generation>/) with C(ca.pem), C(ca.key), with an intermediate C(issuing.pem) and
    C(issuing.key), and C(expired.pem), an expired client certificate with its key, for probes.
  - The link C(active) points to the CA that issues. C(retired/<generation>/) holds what is no longer trusted,
    with what it has issued, C(issued/<serial>.pem) what the others have issued.
  - Keys are PKCS#8, encrypted with AES-256 by the program C(openssl). Each guess at the passphrase costs scrypt with N
    16384, r 8 and p 5. Read one with C(openssl pkey -in active/ca.key).
  - Back the folder up. Whoever has it and the passphrase can issue certificates with full rights in every Orthanc.
seealso:
  - module: openimaging.orthanc.certificate
  - module: openimaging.orthanc.client_certificate
"""

EXAMPLES = r"""
- name: Ensure that the CA exists
  openimaging.orthanc.ca:
    path: /srv/pki/orthanc
    passphrase: "{{ orthanc_ca_passphrase }}"
    name_constraints_permitted: [DNS:hospital.example, IP:10.20.0.0/16]
  run_once: true
  register: __ca

- name: Stage the next one, trusted beside the old one
  openimaging.orthanc.ca:
    path: /srv/pki/orthanc
    passphrase: "{{ orthanc_ca_passphrase }}"
    state: staged
  run_once: true
"""

RETURN = r"""
path:
  description: The CA's folder.
  type: str
  returned: success
  sample: /srv/pki/orthanc
generation:
  description: Name of the CA that issues.
  type: str
  returned: when there is a CA, so not in check mode before the first run
  sample: 20261124T114620Z-9c6e56
subject:
  description: Distinguished name of its root.
  type: str
  returned: when there is a CA
  sample: serialNumber=20261124T114620Z-9c6e56,CN=Orthanc CA
not_after:
  description: When it ends, in UTC.
  type: str
  returned: when there is a CA
  sample: "2036-11-21T11:46:20Z"
fingerprint_sha256:
  description: SHA-256 of its root, in hex.
  type: str
  returned: when there is a CA
  sample: e72434e246615af354bbc3b225dbdf84f4f22a454cdeb141e68bb4190ab5bc65
certificate:
  description: Its root as PEM.
  type: str
  returned: when there is a CA
trust:
  description: The trust bundle, which is the root of every CA that is not retired, as PEM, the oldest first.
  type: str
  returned: when there is a CA
trust_sha256:
  description: SHA-256 of RV(trust), in hex.
  type: str
  returned: when there is a CA
expired_client_path:
  description: Path on the control node of a PEM with an expired client certificate of this CA, and its key.
  type: str
  returned: when there is a CA
authorities:
  description: Every CA that is trusted, the oldest first.
  type: list
  elements: dict
  returned: success
  contains:
    generation:
      description: Its name.
      type: str
    state:
      description: V(superseded) issued before, V(active) issues, V(staged) will.
      type: str
    subject:
      description: Distinguished name of its root.
      type: str
    common_name:
      description: Common name of its root.
      type: str
    not_after:
      description: When it ends, in UTC.
      type: str
    fingerprint_sha256:
      description: SHA-256 of its root, in hex.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "path": {"type": "path", "required": True},
    "passphrase": {"type": "str", "no_log": True},
    "state": {"type": "str", "choices": ["present", "staged", "active", "retired"], "default": "present"},
    "common_name": {"type": "str", "default": "Orthanc CA"},
    "key_type": {
        "type": "str",
        "choices": ["ecdsa-p256", "ecdsa-p384", "rsa-2048", "rsa-3072", "rsa-4096"],
        "default": "ecdsa-p384",
    },
    "lifetime": {"type": "str", "default": "3650d"},
    "intermediate": {"type": "bool", "default": False},
    "name_constraints_permitted": {"type": "list", "elements": "str", "default": []},
    "name_constraints_excluded": {"type": "list", "elements": "str", "default": []},
    "generation": {"type": "str"},
    "keep_retired": {"type": "int", "default": 3},
    "in_use": {"type": "list", "elements": "str", "default": []},
    "allow_new": {"type": "bool", "default": False},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
