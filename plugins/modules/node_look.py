#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_look
short_description: Look at everything on a node that a decision about it needs
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Looks at packages, units, files, ports, nginx, the identity, the services and their records in one execution, and
    returns what it sees. It decides nothing.
  - It changes nothing. Of files it returns digests, never contents. The identity's private key is loaded by nothing but
    a probe that presents it, one in O(services[].certificate) for what is public of it.
  - What cannot be seen is told in RV(faults) and is no failure. What is not asked for is not looked at.
  - It takes less than a second of processor time, and waits at most 2 seconds for a connection, and as long for an
    answer.
requirements:
  - the program C(ss) (Debian's package iproute2), only for O(ports)
  - cryptography >= 38, without which the certificates of the identity and of the ports are not seen
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
  - openimaging.orthanc.identity
  - openimaging.orthanc.probes
options:
  story:
    description:
      - The playbook whose plan is made on the control node.
    type: str
    choices: [site, rotate, rollover, rollback, revoke]
    default: site
  part:
    description:
      - The role that plans on its own. Only its service is looked at, and the plan is shown at once.
    type: str
    choices: [orthanc, frontend]
  renew_all:
    description: Whether the plan renews the certificate although it is not due.
    type: bool
    default: false
  executable:
    description:
      - Absolute path of Orthanc's program. It is asked for its version unless others than root can change it.
    type: path
    default: /usr/sbin/Orthanc
  packages:
    description: Names of Debian packages, without version.
    type: list
    elements: str
    default: []
  units:
    description: Systemd units.
    type: list
    elements: str
    default: []
  files:
    description:
      - Absolute paths of files, links and folders that are managed here. None of them is to hold a private key; one
        that does gets no digest.
    type: list
    elements: path
    default: []
  hand_made:
    description:
      - Where to look for a configuration of Orthanc that was made by hand.
    type: dict
    suboptions:
      folder:
        description: Absolute path of the folder that Orthanc reads where no unit starts it.
        type: path
        default: /etc/orthanc
      package:
        description: The package of which no file may be missing.
        type: str
        default: orthanc
      unit:
        description: The systemd unit that says which file or folder Orthanc reads.
        type: str
        default: orthanc.service
  folders:
    description:
      - Absolute paths of folders in which there must be space; they need not be there.
    type: list
    elements: path
    default: []
  ports:
    description: TCP ports of which to tell who listens there.
    type: list
    elements: int
    default: []
  nginx_site:
    description:
      - Absolute path of the server file in nginx, see M(openimaging.orthanc.nginx_info). By default nginx is not looked
        at.
    type: path
  civetweb_shim:
    description:
      - Absolute path of the folder of M(openimaging.orthanc.civetweb_shim), for an Orthanc that speaks TLS itself. By
        default Orthanc's web server is not looked at.
    type: path
  enrolment:
    description:
      - What M(openimaging.orthanc.certificate) would be asked, filled in by the control node.
    type: dict
  server_certificate:
    description:
      - A server certificate of another issuer, as M(openimaging.orthanc.pem_bundle) would be asked to install it.
    type: dict
    suboptions:
      path:
        description: Absolute path of the file from which it is served.
        type: path
        required: true
      sources:
        description: Absolute path of the PEM file with key, certificate and intermediates.
        type: list
        elements: str
        required: true
      server_name:
        description: The name under which it is called.
        type: str
        required: true
      ca_certificates:
        description: PEM texts by which it is trusted.
        type: list
        elements: str
        required: true
  services:
    description:
      - The services of the node, each with its record.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What the service is called in the answer.
        type: str
        required: true
      unit:
        description: The systemd unit.
        type: str
        required: true
      record:
        description: Absolute path of the folder of its record, see M(openimaging.orthanc.service_load).
        type: path
        required: true
      files:
        description: Absolute paths of the files and links to compare with the record.
        type: list
        elements: path
        default: []
      certificate:
        description: Absolute path of the PEM file that it serves from, where that is not the identity's.
        type: path
      host:
        description: Address on which it is asked.
        type: str
        default: 127.0.0.1
      port:
        description: Its TCP port, where it speaks TLS.
        type: int
      server_name:
        description: Name to ask the server for (SNI).
        type: str
notes:
  - To test its configuration (O(nginx_site)), nginx creates log files that are missing, and an empty pid file where it
    does not run. C(nginx -t) does the same, also at each start of its service.
"""

EXAMPLES = r"""
- name: Look at a node
  openimaging.orthanc.node_look:
    packages: [orthanc, nginx]
    units: [orthanc.service, nginx.service]
    ports: [80, 443]
  register: __look
"""

RETURN = r"""
clock:
  description: The node's time as C(utc), and C(synchronised), which is null where the kernel does not say.
  returned: success
  type: dict
  sample: {utc: "2026-11-24T11:00:00Z", synchronised: true}
packages:
  description: By name the installed C(version), null where there is none, and whether apt leaves it C(on_hold).
  returned: success
  type: dict
  sample: {orthanc: {version: 1.12.7+dfsg-4, on_hold: false}}
orthanc_version:
  description: The version that Orthanc's program tells; null where there is none.
  returned: success
  type: str
  sample: 1.12.7
capabilities:
  description:
    - Capabilities of Orthanc's program, as C(permitted), C(inheritable) and C(effective); null where there is none.
  returned: success
  type: dict
  sample: {permitted: [cap_net_bind_service], inheritable: [], effective: true}
units:
  description:
    - By unit, in systemd's words, C(load_state), C(active_state), C(sub_state), C(file_state), C(file), C(drop_ins),
      C(user), C(main_pid), C(programs) (paths without arguments), C(needs_reload), C(proxies) and C(no_proxy).
  returned: success
  type: dict
files:
  description:
    - By path the C(kind) (V(file), V(link), V(folder), V(other), V(missing)), C(sha256), C(mode) in octal digits,
      C(uid), C(gid), C(owner), C(group), C(size) in bytes, C(target) of a link, and C(fault), which says why a file has
      no C(sha256).
  returned: success
  type: dict
made_by_hand:
  description:
    - Orthanc's files that differ from a package's (C(changed)) or are of no package (C(extra)), its program and plugins
      of no package (C(binaries)), and files edited later that it does not read (C(in_vain)); null where not asked for.
  returned: success
  type: dict
free_space:
  description:
    - By folder what is free for root in the nearest one that is there (C(existing)), in C(bytes) and C(inodes), which
      is null where they are not counted, and whether it is C(read_only).
  returned: success
  type: dict
ports:
  description: Programs that listen on one of O(ports), each with C(port), C(program) and C(process).
  returned: success
  type: list
  elements: dict
nginx:
  description:
    - What M(openimaging.orthanc.nginx_info) says of nginx (C(installed), C(version), C(openssl_version), C(ipv6),
      C(processors), C(other_listeners)), and C(fault), where its configuration does not load or would not read
      O(nginx_site). Null where not asked for.
  returned: success
  type: dict
civetweb:
  description:
    - Whether Orthanc's web server C(needed) the folder O(civetweb_shim), whether that is C(right) as it is, and the
      C(reason). Null where not asked for.
  returned: success
  type: dict
identity:
  description:
    - Whether there is an identity's folder (C(present)), its C(facts) as M(openimaging.orthanc.certificate_info)
      returns them, and C(fault), where there are none.
  returned: success
  type: dict
enrolment:
  description:
    - What M(openimaging.orthanc.certificate) returns in check mode, without the diff; null where not asked for.
  returned: success
  type: dict
server_certificate:
  description:
    - Whether the file would be C(changed), and the facts of its C(certificates); null where not asked for.
  returned: success
  type: dict
services:
  description:
    - By name the C(record) compared as M(openimaging.orthanc.service_load) does, with C(fault) where that is not
      possible; C(served) and C(not_loaded) as M(openimaging.orthanc.identity_info) returns them.
  returned: success
  type: dict
answers:
  description:
    - What O(probes) saw. C(results) are as M(openimaging.orthanc.tls_probe) returns them, C(faults) say by name why a
      probe could not be tried.
  returned: success
  type: dict
faults:
  description: Why a section could not be seen, by its name. The section itself is null then.
  returned: success
  type: dict
  sample: {ports: "Cannot ask who listens on ports [80, 443]: ..."}
"""

from datetime import UTC, datetime
from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.look_options import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.node import look
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    absolute = ["path", "executable", "files", "folders", "nginx_site", "civetweb_shim"]
    run(module, partial(look, now=datetime.now(UTC)), absolute=absolute)


if __name__ == "__main__":
    main()
