#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: nginx_site
short_description: Put one server file into nginx's configuration, tried before it replaces anything
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Lets nginx test its live configuration with the new text in the place of the file (C(nginx -t)), and replaces the
    file by one rename only when nginx takes it.
  - What nginx complains about is said with the file and the line, be it the site's own or another one's.
  - It neither starts nor reloads nginx.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
options:
  path:
    description:
      - Absolute path of the server file. A C(*.conf) or C(*) pattern in nginx's main file has to include it.
    type: path
    required: true
  content:
    description:
      - Text of the file. It may hold everything that belongs into nginx's C(http) block.
    type: str
    required: true
  state:
    description:
      - With V(tried) nginx is asked whether it would load the text, and nothing is written.
    type: str
    choices: [present, tried]
    default: present
  includes:
    description:
      - Files that O(content) includes. They are written before nginx is asked, readable for everybody.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path.
        type: path
        required: true
      content:
        description: The whole text.
        type: str
        required: true
  needs:
    description:
      - Files that O(content) names, such as certificates. When one is missing the module fails before it asks nginx.
    type: list
    elements: path
    default: []
  logs:
    description:
      - Log files that O(content) names. Each is created before nginx is asked, with the group C(adm) and the mode
        C(0640), and one that is there gets both, as nginx itself creates logs that everybody may read.
      - Their owner stays, and so does one that is a link.
    type: list
    elements: path
    default: []
attributes:
  check_mode:
    details:
      - In check mode text and logs are compared only. Neither nginx nor the files it needs have to be there yet.
seealso:
  - module: openimaging.orthanc.nginx_info
"""

EXAMPLES = r"""
- name: Serve Orthanc
  openimaging.orthanc.nginx_site:
    path: /etc/nginx/sites-enabled/zz-orthanc.conf
    content: "{{ lookup('ansible.builtin.template', 'nginx.conf.j2') }}"
    needs:
      - /etc/orthanc/tls/current/server.pem
    logs:
      - /var/log/nginx/orthanc.access.log
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /etc/nginx/sites-enabled/zz-orthanc.conf
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.site import put, tried

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "tried"], "default": "present"},
    "includes": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"path": {"type": "path", "required": True}, "content": {"type": "str", "required": True}},
    },
    "needs": {"type": "list", "elements": "path", "default": []},
    "logs": {"type": "list", "elements": "path", "default": []},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    check_mode = module.check_mode
    run(
        module,
        lambda its: (
            tried(its["path"], its["content"])
            if its["state"] == "tried"
            else put(
                its["path"],
                its["content"],
                its["needs"],
                its["logs"],
                check_mode=check_mode,
                includes=its["includes"],
            )
        ),
        absolute=["path", "needs", "logs"],
    )


if __name__ == "__main__":
    main()
