#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_verify
short_description: Try on a node what must work and what must be refused, in one execution
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - The control node derives from the inventory what the node must answer and what it must refuse, and compares.
  - The node makes the probes. It tells what Orthanc logs of those that it passes on, what its trust bundles hold, and
    until when its certificates are valid.
  - A row that is not as expected does not fail this task. M(openimaging.orthanc.show_verified) shows the causes.
  - For a delegated task, the host is the one that it is delegated to.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.identity
  - openimaging.orthanc.probes
options:
  ca_path:
    description: The CA folder on the control node. Needed where the node's issuer has one.
    type: path
  peers:
    description: Inventory names of the hosts whose pairs with this node are tried.
    type: list
    elements: str
    default: []
  calls_only:
    description: Try nothing but the calls of O(peers), for a host that takes no part in the run.
    type: bool
    default: false
  timeout:
    description: Set by the control node. How many seconds a probe may take.
    type: float
    default: 10
  relayed:
    description: Set by the control node. Names of the probes that Orthanc passes on to others.
    type: list
    elements: str
    default: []
  log:
    description: Set by the control node. Orthanc's log.
    type: path
  dicom_web:
    description: Set by the control node. Where to find a BulkDataURI to follow.
    type: dict
    suboptions:
      probe:
        description: Name of the probe that the node answers itself.
        type: str
        required: true
      root:
        description: Path of the DICOMweb server below that of Orthanc.
        type: str
        required: true
  certificate:
    description: Set by the control node. PEM file with the server certificate of another issuer.
    type: path
seealso:
  - module: openimaging.orthanc.tls_probe
  - module: openimaging.orthanc.show_verified
"""

EXAMPLES = r"""
- name: Test what must work and what must be refused
  openimaging.orthanc.node_verify:
    ca_path: "{{ orthanc_ca_dir }}"
    peers: "{{ groups['orthanc'] }}"
  register: verify_result
"""

RETURN = r"""
host:
  description: The host that was verified.
  returned: success
  type: str
identity:
  description: What the node holds, as M(openimaging.orthanc.certificate_info) returns it; missing where unreadable.
  returned: success
  type: dict
checks:
  description: Every row, as expected or not.
  returned: success
  type: list
  elements: dict
  contains:
    host:
      description: The host that was verified.
      type: str
    name:
      description: What was tried or compared.
      type: str
    expected:
      description: What is expected, in plain words.
      type: str
    seen:
      description: What was seen, in plain words.
      type: str
    ok:
      description: Whether it is as expected.
      type: bool
    asks:
      description: The host that was to answer or to refuse; null where it is outside the fleet.
      type: str
    url:
      description: What was asked; empty where it was no request.
      type: str
    rests_on:
      description: Names of rows of the same host that may be the cause where this one fails.
      type: list
      elements: str
    refusal:
      description: Whether a refusal was expected.
      type: bool
    relayed:
      description: Whether Orthanc itself asked.
      type: bool
    status:
      description: HTTP status; null where there was no HTTP answer.
      type: int
    alert:
      description: The server's TLS alert; null where there was none.
      type: str
    error:
      description: The TLS library's or the system's own words; null where there was an HTTP answer.
      type: str
    tls_version:
      description: TLS version that was agreed on; null where it did not come that far.
      type: str
    fingerprint_sha256:
      description: SHA-256 of the server's certificate in lower-case hex; null without a handshake.
      type: str
    words:
      description: What Orthanc logged when it asked once more.
      type: list
      elements: str
    required:
      description: Whether it fails the verification where it is not as expected.
      type: bool
    remedy:
      description: What to do; empty where the row is as expected.
      type: str
ends:
  description: When the certificates end on which the node relies.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: Kind of the certificate.
      type: str
      sample: CA
    subject:
      description: Its subject.
      type: str
    not_after:
      description: Its end, in UTC.
      type: str
      sample: "2027-05-26T21:41:22Z"
    renewed_by:
      description: The playbook that replaces it in time; null where a person has to.
      type: str
    fault:
      description: Why the next renewal does not come in time; null where it does.
      type: str
    remedy:
      description: What to do about that; empty where it is in time.
      type: str
    waits:
      description: Since when a new certificate is ordered and not there yet; empty where none is.
      type: str
waits:
  description: The same of a node that has no certificate yet, so that nothing was tried.
  returned: where an issuer has not given the first certificate yet
  type: str
"""

from datetime import UTC, datetime
from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.verification import ARGUMENT_SPEC, verify
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    run(module, partial(verify, now=datetime.now(UTC)), absolute=["path", "log", "certificate"])


if __name__ == "__main__":
    main()
