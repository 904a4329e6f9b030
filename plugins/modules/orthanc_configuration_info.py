#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: orthanc_configuration_info
short_description: Read an Orthanc's configuration as Orthanc itself does
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Reads the file or folder that the unit's C(ExecStart) names, drop-ins included, with comments, several C(*.json)
    files and variables such as C(${NAME}) and C(${NAME:-default}) from the service's environment.
  - A top-level key in two files of a folder is an error, as Orthanc would not start with it. So is a value of another
    type than Orthanc takes, such as a peer that is null.
  - Variables are those of the process that runs. Where none runs, they are those that the unit would give it.
  - Secrets are not among the settings that it returns. They are returned apart, and only when they are asked for.
  - Says what the sites of the host's nginx do, as one of them may be what clients reach Orthanc by. Of headers only the
    names are returned.
  - In the section of a plugin every text is a secret unless its key is known to be harmless, as plugins take secrets
    under names that tell nothing.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
options:
  service:
    description:
      - The systemd unit that runs Orthanc.
    type: str
    default: orthanc.service
  secrets:
    description:
      - Whether the values of secrets are returned too. Then set C(no_log) on the task.
    type: bool
    default: false
notes:
  - It needs root, as configuration files with passwords are not for everybody.
  - As C(nginx -t) does, it creates log files of nginx that are missing.
"""

EXAMPLES = r"""
- name: Read how Orthanc is configured
  openimaging.orthanc.orthanc_configuration_info:
  register: found
  become: true

- name: Show where the studies are
  ansible.builtin.debug:
    msg: "{{ found.settings.StorageDirectory }}"
"""

RETURN = r"""
configuration:
  description: The file or folder that Orthanc is started with.
  returned: success
  type: str
  sample: /etc/orthanc
files:
  description: The configuration files that were read.
  returned: success
  type: list
  elements: str
  sample: [/etc/orthanc/orthanc.json]
unread:
  description: Files with text after the end of the settings, which Orthanc does not read.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The file.
      type: str
    line:
      description: The line from which on nothing is read.
      type: int
unit_files:
  description: The unit's file and its drop-ins.
  returned: success
  type: list
  elements: str
  sample: [/lib/systemd/system/orthanc.service]
user:
  description: The user as whom the unit starts Orthanc; empty for root.
  returned: success
  type: str
  sample: orthanc
groups:
  description: The groups of that user, as far as the unit names them; without one it is that of the user's name.
  returned: success
  type: list
  elements: str
  sample: [orthanc]
settings:
  description:
    - All settings by their top-level keys, with null in the place of each secret.
    - Paths are absolute and peers are dictionaries. C(StorageDirectory) and C(IndexDirectory) are always there.
  returned: success
  type: dict
secrets:
  description: Where the secrets stand in the settings.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The keys and list positions that lead to it.
      type: list
      elements: raw
      sample: [RegisteredUsers, alice]
    value:
      description: The secret itself, where O(secrets=true).
      type: str
pem_files:
  description: The PEM files that the settings name.
  returned: success
  type: list
  elements: dict
  contains:
    setting:
      description: The setting that names it.
      type: str
      sample: SslTrustedClientCertificates
    path:
      description: Its absolute path.
      type: str
    exists:
      description: Whether it is there.
      type: bool
    certificates:
      description: The certificates in it as PEM text. A key in it is not returned.
      type: list
      elements: str
request_filters:
  description: Scripts that decide which requests are answered.
  returned: success
  type: list
  elements: dict
  contains:
    setting:
      description: The setting that names it.
      type: str
      sample: LuaScripts
    path:
      description: Its absolute path.
      type: str
    names_itself:
      description: Whether it knows the machine's own address.
      type: bool
nginx_servers:
  description: The HTTP servers of the host's nginx; none where there is no nginx.
  returned: success
  type: list
  elements: dict
  contains:
    file:
      description: The file in which it stands.
      type: str
      sample: /etc/nginx/sites-enabled/pacs.conf
    ports:
      description: The TCP ports on which it listens.
      type: list
      elements: int
    server_names:
      description: The names for which it answers, as nginx writes them.
      type: list
      elements: str
    certificate:
      description: The file that it serves HTTPS with; empty without.
      type: str
    client_ca:
      description: The file with the CAs of client certificates; empty where it asks for none.
      type: str
    password_files:
      description: The files with users whose passwords it asks for.
      type: list
      elements: str
    rules:
      description: Other directives that decide who may come in.
      type: list
      elements: str
      sample: [allow, deny]
    sent_headers:
      description: Names of the headers that it sends to where it proxies.
      type: list
      elements: str
    added_headers:
      description: Names of the headers that it adds to answers.
      type: list
      elements: str
    paths:
      description:
        - Its locations, each with C(path) as nginx writes it, and C(does), which is V(proxy), V(files), V(answer) or
          V(program). C(host) and C(port) say where a proxy goes; they are empty and 0 where that is not known.
      type: list
      elements: dict
nginx_fault:
  description: Why nginx's configuration cannot be read; empty where it can.
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.nginx_servers import nginx_servers
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.configuration import configuration

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "service": {"type": "str", "default": "orthanc.service"},
    "secrets": {"type": "bool", "default": False, "no_log": False},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    run(module, lambda its: {**configuration(its["service"], secrets=its["secrets"]), **nginx_servers()})


if __name__ == "__main__":
    main()
