#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: tls_probe
short_description: Try handshakes and requests against ports, and compare with what is expected
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Asks any number of HTTPS or HTTP ports in one call, and fails when anything is not as expected. The error says in
    sentences what was expected and seen. The table of all probes is printed above it, in lines of its own. A task with
    C(failed_when) or C(until) prints no table.
  - A refusal counts only when the server itself refuses, and only beside an answer. Each probe that expects V(refused)
    names a O(probes[].control), another probe of the same call with the right credentials for the same port, and the
    control must be answered before and after it.
  - A closed port, a timeout, a name that does not resolve, or a server certificate that this client does not trust
    never counts as a refusal. Where a probe expects V(no_access) the first two do, beside a control that is answered.
  - Where old TLS is tried, the client first shows in memory that it can speak it. If it cannot, the probe is not as
    expected, since its failure would prove nothing.
  - Redirects are not followed, proxies are not used, and TLS sessions are not resumed.
requirements:
  - the program C(ip) (Debian's package iproute2), only for O(probes[].own_addresses)
  - cryptography >= 38, only for O(probes[].forge) and for O(probes[].tls_maximum) V(1.0) and V(1.1)
extends_documentation_fragment:
  - openimaging.orthanc.probes
  - openimaging.orthanc.attributes.info
options:
  timeout:
    description:
      - Seconds to wait for a connection to each address, and the same again for handshake and answer together. Name
        resolution has the system's own limits.
    type: float
    default: 10
  retries:
    description:
      - How often to repeat what is not as expected. A refusal is repeated together with its control.
    type: int
    default: 0
  delay:
    description:
      - Seconds between repetitions.
    type: float
    default: 1
attributes:
  check_mode:
    details:
      - Probes run in check mode too. The module itself changes nothing, what a request asks for is up to its method.
seealso:
  - module: openimaging.orthanc.certificate_info
"""

EXAMPLES = r"""
- name: A node answers its own certificate and refuses everything else
  openimaging.orthanc.tls_probe:
    probes:
      - name: its own certificate
        url: https://edge1.example.org:8042/system
        connect_to: 127.0.0.1
        certificate: /etc/orthanc/tls/current/server.pem
        ca_certificates: /etc/orthanc/tls/current/server-trust.pem
      - name: no certificate
        url: https://edge1.example.org:8042/system
        connect_to: 127.0.0.1
        ca_certificates: /etc/orthanc/tls/current/server-trust.pem
        expect: refused
        control: its own certificate
      - name: a certificate of another CA
        url: https://edge1.example.org:8042/system
        connect_to: 127.0.0.1
        ca_certificates: /etc/orthanc/tls/current/server-trust.pem
        forge: unknown_ca
        expect: refused
        alerts: [unknown_ca]
        control: its own certificate
      - name: plain HTTP
        url: http://edge1.example.org:8042/system
        connect_to: 127.0.0.1
        expect: refused
        control: its own certificate
      - name: TLS 1.1
        url: https://edge1.example.org:8042/system
        connect_to: 127.0.0.1
        certificate: /etc/orthanc/tls/current/server.pem
        ca_certificates: /etc/orthanc/tls/current/server-trust.pem
        tls_maximum: "1.1"
        expect: refused
        control: its own certificate

- name: Wait until the new certificate is served
  openimaging.orthanc.tls_probe:
    probes:
      - name: new certificate
        url: https://archive.example.org/
        status: [200, 401]
        fingerprint_sha256: "{{ identity_result.fingerprint_sha256 }}"
    retries: 30

- name: Nginx answers 400 to clients without a certificate
  openimaging.orthanc.tls_probe:
    probes:
      - name: a person
        url: https://archive.example.org/
        certificate: "{{ lookup('ansible.builtin.file', '/srv/clients/alice/client.pem') }}"
      - name: nobody
        url: https://archive.example.org/
        expect: refused
        status: [400]
        control: a person

- name: Orthanc answers 127.0.0.1 and none of the node's other addresses
  openimaging.orthanc.tls_probe:
    probes:
      - name: itself
        url: http://archive.example.org:8042/system
        connect_to: 127.0.0.1
      - name: port 8042
        url: http://archive.example.org:8042/system
        own_addresses: true
        expect: no_access
        status: [401, 403]
        control: itself
"""

RETURN = r"""
results:
  description: What was seen, in the order of the probes.
  returned: when the options are right
  type: list
  elements: dict
  contains:
    name:
      description: Name of the probe.
      type: str
    url:
      description: What was asked.
      type: str
    expected:
      description: What is expected, in plain words.
      type: str
      sample: "refused: HTTP 400"
    seen:
      description: What was seen, in plain words.
      type: str
      sample: TLS alert certificate_required (the server demands a client certificate)
    ok:
      description: Whether it is as expected.
      type: bool
    status:
      description: HTTP status; null where there was no HTTP answer.
      type: int
      sample: 200
    alert:
      description: The server's TLS alert by its name in RFC 8446; null where there was none.
      type: str
      sample: unknown_ca
    tls_version:
      description: TLS version that was agreed on; null where it did not come that far.
      type: str
      sample: TLSv1.3
    fingerprint_sha256:
      description:
        - SHA-256 of the server's certificate in lower-case hex; null where the handshake did not succeed.
      type: str
    error:
      description: The TLS library's or the system's own words; null where there was an HTTP answer.
      type: str
      sample: TLSV13_ALERT_CERTIFICATE_REQUIRED
    control:
      description: Name of the probe beside which a refusal counts; null where an answer is expected.
      type: str
    json:
      description: The decoded body; null where the answer is not JSON.
      returned: with O(probes[].return_json)
      type: raw
table:
  description: All results as an aligned text table.
  returned: when the options are right
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.outcome import outcome
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.specification import PROBES_OPTION

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    **PROBES_OPTION,
    "timeout": {"type": "float", "default": 10},
    "retries": {"type": "int", "default": 0},
    "delay": {"type": "float", "default": 1},
}


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True), outcome)


if __name__ == "__main__":
    main()
