#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: client_certificate
short_description: Give a person or a device a client certificate
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Keeps a key, a client certificate from the CA folder, and the CA's trust bundle in a folder on the control node, as
    PEM and, where O(pkcs12_passphrase) is set, as PKCS#12 for browsers, Windows and C(curl).
  - The certificate is for TLS clients only (extended key usage C(clientAuth)). It gives full rights in an Orthanc that
    accepts the CA's clients.
  - Use it with C(run_once), or from a loop.
  - When nothing is due, neither the CA's key nor its passphrase is needed.
  - A certificate in the folder that was issued by a CA which the CA folder does not hold is an error, before anything
    is written.
  - C(client.pem) is replaced by one rename and counts. Killed at any moment, the next run makes the other files from
    it.
extends_documentation_fragment:
  - openimaging.orthanc.attributes
  - openimaging.orthanc.attributes.control_node
  - openimaging.orthanc.ca_folder.ca_path_required
  - openimaging.orthanc.leaf
options:
  path:
    description:
      - Absolute path of the client's folder on the control node, for this client alone. It is made if it is missing,
        with mode 0700, and its files with 0600.
      - It holds C(client.pem) (key, leaf and intermediates), C(key.pem), C(cert.pem), C(chain.pem) (intermediates
        only, empty where a root issues), C(fullchain.pem) (leaf and intermediates), C(ca.pem) (whose servers to
        trust), and C(client.p12) (key, leaf and intermediates).
    type: path
    required: true
  common_name:
    description:
      - Name of the person or the device, or their e-mail address.
      - It is repeated among the alternative names, as C(email:) where it is an address, and as
        C(URI:urn:orthanc:client:<percent-encoded name>) otherwise.
      - One that is longer than 64 bytes in UTF-8 stands among the alternative names only (RFC 5280).
      - So does one that the CA's name constraints forbid, where OpenSSL would take it for a DNS name, as it does with a
        host name or an address when there is no DNS name among the alternative names.
    type: str
    required: true
  subject_alt_name:
    description:
      - Further names, each with its kind, such as V(email:anna@example.org) or V(DNS:modality7.example.org).
    type: list
    elements: str
    default: []
  key_passphrase:
    description:
      - Encrypts the key in C(client.pem) and C(key.pem) (PKCS#8, AES-256, PBKDF2 with 600,000 rounds). Without one, or
        when it is empty, the key is not encrypted. An existing key is encrypted anew when it is renewed, or when the
        passphrase changes.
    type: str
  pkcs12_passphrase:
    description:
      - Encrypts C(client.p12). Without this option there is no such file, and one from before is removed.
      - It may be empty. The file is then B(not encrypted), so that its readers have the private key. The result and a
        warning say so.
      - The file is encrypted with AES-256-CBC (PBES2 with PBKDF2) and has a MAC with SHA-256, which Windows calls
        C(AES256-SHA256). Firefox, Chromium, Windows from 10 (1709) and Server 2019 on, OpenSSL and C(curl) import it.
      - Older Windows and the keychain of macOS do not read that. For them, see O(pkcs12_compatibility).
      - Key, certificates and MAC take 200,000 rounds each. A thief of the file can still try passphrases. Choose a
        long one. An existing file with fewer rounds is written anew with the next certificate, or with another
        passphrase.
    type: str
  pkcs12_compatibility:
    description:
      - Encrypts C(client.p12) with 3DES and a MAC of SHA-1, which is all that Windows before 10 (1709) and the keychain
        of macOS know. It protects less, so choose a long passphrase and delete the file once it is imported.
      - Without a passphrase it has no effect.
    type: bool
    default: false
  force:
    description:
      - Make a new key and certificate, whatever is there, also one that another CA issued.
    type: bool
    default: false
attributes:
  check_mode:
    details:
      - What would stop the signature is an error in check mode too.
  diff_mode:
    details:
      - The diff shows names, dates, fingerprints and whether files are encrypted. It never shows keys or passphrases.
  idempotent:
    support: partial
    details:
      - With O(force=true) every run makes a new key and certificate.
notes:
  - A passphrase that opens neither the key in C(client.pem) nor C(client.p12) cannot be told from a changed one. A new
    key and certificate are made then, with the reason V(passphrase_changed).
  - With C(curl), C(--cert client.pem --cacert ca.pem), or C(--cert-type P12 --cert client.p12:passphrase).
seealso:
  - module: openimaging.orthanc.ca
  - module: openimaging.orthanc.certificate
"""

EXAMPLES = r"""
- name: Anna may use Orthanc from her browser
  openimaging.orthanc.client_certificate:
    path: /srv/pki/clients/anna
    ca_path: /srv/pki/orthanc
    ca_passphrase: "{{ orthanc_ca_passphrase }}"
    common_name: anna@example.org
    pkcs12_passphrase: "{{ anna_pkcs12_passphrase }}"
  run_once: true

- name: So may a device that takes PEM, with an RSA key
  openimaging.orthanc.client_certificate:
    path: /srv/pki/clients/ct-scanner-2
    ca_path: /srv/pki/orthanc
    ca_passphrase: "{{ orthanc_ca_passphrase }}"
    common_name: CT scanner 2
    key_type: rsa-3072
    lifetime: 52w
  run_once: true
"""

RETURN = r"""
renewed:
  description: Whether there is a new key and certificate, rather than files that were written again.
  returned: success
  type: bool
reason:
  description:
    - Why something was changed, null when nothing was. A new key and certificate are made for V(missing), V(damaged)
      (C(client.pem) itself), V(issuer_changed), V(names_changed), V(key_changed) (its type), V(expired), V(expiring)
      and V(forced).
    - The files are written again for V(trust_changed), V(passphrase_changed), V(compatibility_changed) and V(damaged)
      (any other file, or a mode). For V(passphrase_changed) there is a new key where none of the passphrases opens the
      old one.
  returned: success
  type: str
  sample: expiring
path:
  description: The client's folder.
  returned: success
  type: str
  sample: /srv/pki/clients/anna
names:
  description: Alternative names in the certificate.
  returned: success
  type: list
  elements: str
  sample: ["email:anna@example.org"]
not_after:
  description: When the certificate ends, in UTC. Null in check mode where a new one is due.
  returned: success
  type: str
  sample: "2027-05-23T11:00:00Z"
fingerprint_sha256:
  description: SHA-256 of the certificate, in hex. Null in check mode where a new one is due.
  returned: success
  type: str
trust_sha256:
  description: SHA-256 of C(ca.pem), in hex. Null in check mode before the first CA is made.
  returned: success
  type: str
pkcs12_encrypted:
  description: Whether C(client.p12) is encrypted; false with an empty passphrase, null where there is no such file.
  returned: success
  type: bool
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_options import LEAF_OPTIONS

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    **LEAF_OPTIONS,
    "path": {"type": "path", "required": True},
    "ca_path": {"type": "path", "required": True},
    "common_name": {"type": "str", "required": True},
    "subject_alt_name": {"type": "list", "elements": "str", "default": []},
    "key_passphrase": {"type": "str", "no_log": True},
    "pkcs12_passphrase": {"type": "str", "no_log": True},
    "pkcs12_compatibility": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
