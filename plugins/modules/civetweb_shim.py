#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: civetweb_shim
short_description: Give Orthanc's web server what it misses in OpenSSL, where it misses something
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Debian 12 and 13 build C(libcivetweb1), Orthanc's web server, for OpenSSL 1.1. It asks OpenSSL 3 for the function
    C(SSL_get_peer_certificate), which is called C(SSL_get1_peer_certificate) there, and Orthanc crashes at the first
    HTTPS request (civetweb issue 1334). It also opens C(libssl.so) and C(libcrypto.so), which only C(libssl-dev)
    brings along, and without them Orthanc does not start HTTPS.
  - The module looks at Orthanc, its web server and OpenSSL as they are on the host. Where something is missing, it
    makes a folder with a C(libssl.so) of less than 1 KiB, which loads the host's OpenSSL and adds the missing name,
    and with a link C(libcrypto.so). Where nothing is missing, as with upstream's builds of Orthanc, it removes the
    folder.
  - Orthanc uses the folder when C(LD_LIBRARY_PATH) names it in the unit of its service. The module neither sets that
    nor restarts anything.
  - OpenSSL itself stays the system's. Its security updates apply as ever.
  - The library is written as it is. Neither a compiler nor a download is needed.
  - What is new is tried in a process of its own before it is put in place, and said in a warning.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
options:
  path:
    description:
      - Absolute path of the folder. It holds nothing else. A folder with other files is an error.
    type: str
    default: /usr/local/lib/orthanc-civetweb-shim
  executable:
    description:
      - Absolute path of Orthanc's program.
    type: str
    default: /usr/sbin/Orthanc
  state:
    description:
      - V(as_needed) makes the folder where Orthanc needs it, and removes it where it does not. Where Orthanc is not
        installed, nothing is done.
      - V(absent) removes the folder without looking, for an Orthanc that does not speak TLS itself.
    type: str
    choices: [as_needed, absent]
    default: as_needed
attributes:
  check_mode:
    details:
      - On a host without Orthanc, RV(needed) is null and nothing would change.
  diff_mode:
    details:
      - The diff shows names, targets of links and SHA-256 digests.
notes:
  - The folder is made on amd64 and arm64 only. On another processor that needs it, the module fails.
"""

EXAMPLES = r"""
- name: Work around Debian's HTTPS crash if present
  openimaging.orthanc.civetweb_shim:
  register: civetweb

- name: Let Orthanc use it
  ansible.builtin.copy:
    dest: /etc/systemd/system/orthanc.service.d/civetweb.conf
    content: |
      [Service]
      Environment=LD_LIBRARY_PATH={{ civetweb.path }}
    mode: "0644"
  when: civetweb.active
"""

RETURN = r"""
needed:
  description:
    - Whether Orthanc needs the folder to serve HTTPS. It is null where that cannot be told, because Orthanc is not
      installed or O(state=absent).
  returned: success
  type: bool
  sample: true
active:
  description:
    - Whether the folder is there and right, in check mode whether it would be.
  returned: success
  type: bool
  sample: true
reason:
  description:
    - Why, as a sentence.
  returned: success
  type: str
  sample: >-
    /lib/x86_64-linux-gnu/libcivetweb.so.1 asks for SSL_get_peer_certificate, which
    /lib/x86_64-linux-gnu/libssl.so.3 lacks, so Orthanc would crash at the first HTTPS request;
    /usr/local/lib/orthanc-civetweb-shim works around that.
path:
  description:
    - The folder.
  returned: success
  type: str
  sample: /usr/local/lib/orthanc-civetweb-shim
library:
  description:
    - The libcivetweb that Orthanc loads. It is null where Orthanc loads none.
  returned: success
  type: str
  sample: /lib/x86_64-linux-gnu/libcivetweb.so.1
orthanc_version:
  description:
    - The version that Orthanc's program tells, as M(openimaging.orthanc.node_look) returns it. It is null where there
      is no program, and where it cannot be asked.
  returned: success
  type: str
  sample: 1.12.7
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.civetweb.shim import settle
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.orthanc_version import told_version
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "path": {"type": "str", "default": "/usr/local/lib/orthanc-civetweb-shim"},
    "executable": {"type": "str", "default": "/usr/sbin/Orthanc"},
    "state": {"type": "str", "choices": ["as_needed", "absent"], "default": "as_needed"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    run(
        module,
        lambda its: {
            **settle(its["path"], its["executable"], wanted=its["state"] == "as_needed", check_mode=module.check_mode),
            "orthanc_version": told_version(its["executable"]),
        },
        absolute=["path", "executable"],
    )


if __name__ == "__main__":
    main()
