#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: certificate_info
short_description: Show the certificates of a file, of an identity's folder, or of a listening TLS port
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Returns the facts of certificates, for gates and reports. It changes nothing and judges nothing, so an expired or
    untrusted certificate is no failure.
  - It fails when there is nothing to show, such as a missing file, a damaged certificate, or a port without TLS.
  - Of a private key in a PEM only the type and the hash of the public key are returned. The private key of an
    identity's folder is not loaded.
requirements:
  - cryptography >= 38
extends_documentation_fragment:
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.handshake
options:
  path:
    description:
      - Absolute path of a PEM file, of an identity's folder such as V(/etc/orthanc/tls), or of one generation in it.
    type: path
  content:
    description:
      - PEM text.
    type: str
  host:
    description:
      - Name or address of a host to connect to. Requires O(port).
      - The certificates are shown even when they do not verify, and even when the server demands a client certificate.
    type: str
  port:
    description:
      - TCP port that speaks TLS from the first byte, such as HTTPS or DICOM TLS.
    type: int
  server_name:
    description:
      - Name to ask the server for (SNI). The default is O(host) where that is a name.
      - An empty text asks for no name.
    type: str
  client_certificate:
    description:
      - Path on the host of a PEM with an unencrypted key, its leaf and intermediates, to present when the server asks
        for one.
    type: path
seealso:
  - module: openimaging.orthanc.certificate
  - module: openimaging.orthanc.tls_probe
    description: Whether handshakes and requests are answered or refused as expected.
"""

EXAMPLES = r"""
- name: What this node holds
  openimaging.orthanc.certificate_info:
    path: /etc/orthanc/tls
  register: __identity

- name: What its port serves
  openimaging.orthanc.certificate_info:
    host: "{{ orthanc_fqdn }}"
    port: 8042
  register: __served

- name: The new certificate must be live, and good for another two weeks
  ansible.builtin.assert:
    that:
      - __identity.generation.matches_manifest
      - __served.certificates[0].fingerprint_sha256 == __identity.certificates[0].fingerprint_sha256
      - __served.certificates[0].days_left >= 14
"""

RETURN = r"""
certificates:
  description:
    - The certificates in their order. For a folder and a port the leaf is the first, and its intermediates follow.
  returned: success
  type: list
  elements: dict
  contains:
    subject:
      description: Subject as in RFC 4514.
      type: str
      sample: CN=edge1.example.org
    issuer:
      description: Issuer as in RFC 4514.
      type: str
      sample: CN=Imaging CA
    serial:
      description: Serial number in lower-case hex.
      type: str
    names:
      description: Subject alternative names.
      type: list
      elements: str
      sample: ["DNS:edge1.example.org", "IP:192.0.2.7"]
    not_before:
      description: From when it is valid, in UTC.
      type: str
      sample: "2026-11-24T11:00:00Z"
    not_after:
      description: Up to when it is valid, in UTC.
      type: str
      sample: "2027-05-23T12:00:00Z"
    days_left:
      description: Whole days up to its end by the host's clock, negative once it has expired.
      type: int
      sample: 179
    fingerprint_sha256:
      description: SHA-256 of the certificate in lower-case hex.
      type: str
    public_key_sha256:
      description: SHA-256 of the SubjectPublicKeyInfo in lower-case hex.
      type: str
    key_type:
      description:
        - Key type in the words of M(openimaging.orthanc.certificate), and for other keys the name of their kind.
      type: str
      sample: ecdsa-p256
    is_ca:
      description: Whether it may sign certificates.
      type: bool
    extended_key_usage:
      description: Extended key usages; empty where there is no limit.
      type: list
      elements: str
      sample: [serverAuth, clientAuth]
    key_usage:
      description: Key usages in the words of RFC 5280; empty where there is no limit.
      type: list
      elements: str
      sample: [digitalSignature]
    subject_key_identifier:
      description: Identifier of its key in lower-case hex (RFC 5280, section 4.2.1.2); null without one.
      type: str
    authority_key_identifier:
      description: Identifier of its issuer's key in lower-case hex (RFC 5280, section 4.2.1.1); null without one.
      type: str
private_key:
  description: The public side of the private key in a PEM; null where there is none.
  returned: when O(path) is a file, or with O(content)
  type: dict
  contains:
    encrypted:
      description: Whether it is encrypted; then nothing else is known of it.
      type: bool
    key_type:
      description: Key type.
      type: str
    public_key_sha256:
      description: SHA-256 of its SubjectPublicKeyInfo, the same as that of the certificate that it belongs to.
      type: str
client_trust:
  description: Facts of the certificates whose clients are accepted (C(client-trust.pem)).
  returned: when O(path) is a folder
  type: list
  elements: dict
server_trust:
  description: Facts of the certificates whose servers are accepted (C(server-trust.pem)).
  returned: when O(path) is a folder
  type: list
  elements: dict
held:
  description:
    - The hold on the identity, with C(generation), C(since) and C(why).
    - Where C(held.json) is damaged, the generation is C(unknown), and C(why) says what to do.
    - Null where it is not held, or where this user may not see it.
  returned: when O(path) is a folder
  type: dict
generation:
  description: The generation in the folder.
  returned: when O(path) is a folder
  type: dict
  contains:
    name:
      description: Name of the generation's folder.
      type: str
    path:
      description: Path of the generation's folder.
      type: str
    matches_manifest:
      description: Whether every file is the one that the manifest describes, with the mode that it should have.
      type: bool
    faults:
      description: What is wrong, by file or folder.
      type: dict
    trust_sha256:
      description: SHA-256 over both trust lists by the manifest, as M(openimaging.orthanc.certificate) returns it.
      type: str
tls:
  description: The handshake with the port.
  returned: with O(host)
  type: dict
  contains:
    version:
      description: The protocol version that was agreed on; null where it did not come that far.
      type: str
      sample: TLSv1.3
    whole_chain:
      description:
        - Whether RV(certificates) is all that was served. It is false on Pythons before 3.10, which show the leaf only.
      type: bool
    handshake_error:
      description:
        - How the handshake failed after the certificates had come, such as by a server that demands a client
          certificate in TLS 1.2.
        - Null where it succeeded. In TLS 1.3 a server refuses a client only after the handshake, which is not seen
          here.
      type: str
"""

from datetime import UTC, datetime
from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.certificates import facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.served_chain import TIMEOUT_OPTION

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    **TIMEOUT_OPTION,
    "path": {"type": "path"},
    # The text may hold a private key beside the certificates.
    "content": {"type": "str", "no_log": True},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "server_name": {"type": "str"},
    "client_certificate": {"type": "path"},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENT_SPEC,
        required_one_of=[("path", "content", "host")],
        mutually_exclusive=[("path", "content", "host")],
        required_together=[("host", "port")],
        required_by={"server_name": "host", "client_certificate": "host"},
        supports_check_mode=True,
    )
    run(module, partial(facts, now=datetime.now(UTC)), requires=["cryptography"])


if __name__ == "__main__":
    main()
