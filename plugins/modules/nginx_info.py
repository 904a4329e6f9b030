#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: nginx_info
short_description: Show what a site needs to know about the nginx that it joins
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Returns nginx's version, the sites that share ports with O(site), and the programs that hold these ports.
  - It fails where nginx's own configuration does not load even without O(site), and names the file and the line. So
    whatever goes wrong later is the site's.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
options:
  site:
    description:
      - Absolute path of the site's server file, which nginx's main file includes by a pattern. It need not be there.
    type: path
    required: true
  ports:
    description:
      - TCP ports on which the site listens.
    type: list
    elements: int
    required: true
notes:
  - As C(nginx -t) does, it needs root, and opens nginx's log files.
"""

EXAMPLES = r"""
- name: Look at the nginx that is to serve Orthanc
  openimaging.orthanc.nginx_info:
    site: /etc/nginx/sites-enabled/zz-orthanc.conf
    ports: [80, 443]
  register: nginx
"""

RETURN = r"""
installed:
  description: Whether nginx is there. Where it is not, versions and lists are null or empty.
  returned: success
  type: bool
version:
  description: Nginx's version.
  returned: success
  type: str
  sample: 1.22.1
openssl_version:
  description: Version of the OpenSSL that nginx runs with.
  returned: success
  type: str
  sample: 3.0.22
ipv6:
  description: Whether the host's kernel has IPv6.
  returned: success
  type: bool
processors:
  description: The host's processors; nginx has as many workers, unless it is told otherwise.
  returned: success
  type: int
  sample: 8
other_listeners:
  description:
    - Where other sites of this nginx listen on one of O(ports).
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: Address as nginx writes it, such as V(0.0.0.0) or V([::]) for every one.
      type: str
    port:
      description: TCP port.
      type: int
    file:
      description: File that says so.
      type: str
    server_names:
      description: Names of the site there, as nginx writes them.
      type: list
      elements: str
port_holders:
  description: Programs that listen on one of O(ports), on whichever address.
  returned: success
  type: list
  elements: dict
  contains:
    port:
      description: TCP port.
      type: int
    program:
      description: Name of the program, null where it runs outside the host's own processes.
      type: str
    process:
      description: Number of its process.
      type: int
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.nginx_surroundings import site_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "site": {"type": "path", "required": True},
    "ports": {"type": "list", "elements": "int", "required": True},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    run(module, lambda its: site_facts(its["site"], its["ports"]), absolute=["site"])


if __name__ == "__main__":
    main()
