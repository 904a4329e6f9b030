#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: service_record
short_description: Keep what a service was last seen healthy with, compare with it, and go back to it
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - A role that changes files and restarts a service in a handler leaves the old state running when it is killed in
    between, and no later run notices. With this module, a role compares what is there with what the service was last
    seen healthy with, acts on the difference, and records the new state once it has seen the service healthy.
  - The record holds the files with owner and mode, the targets of symbolic links, and systemd's identifier of that
    start of the service.
  - Reading and writing are atomic. Safe to be killed at any moment. The next run converges.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
options:
  path:
    description:
      - Absolute path of the folder with the record. It belongs to root alone (mode 0700), and its parent must be there.
    type: str
    required: true
  service:
    description:
      - Name of the systemd unit, such as V(orthanc.service).
    type: str
    required: true
  files:
    description:
      - Absolute paths of all files that the service reads when it starts.
      - A symbolic link is taken as a link, and what it points to is not looked at. A file that is missing is recorded
        as missing. A folder is an error.
      - Those of the present record, where this is left out. Without a record that is an error.
    type: list
    elements: str
  state:
    description:
      - V(compared) compares O(files) and the service with the record, and changes nothing.
      - V(recorded) makes what is there the record. Use it after the service was seen healthy. Fails when the service
        does not run.
      - V(restored) puts back all that is in the record, and removes a file that is recorded as missing. Where there is
        no record, nothing is done. When a copy in the record is damaged, or what a recorded link pointed to is gone,
        it fails before it changes anything. It does not restart the service.
    type: str
    choices: [compared, recorded, restored]
    required: true
  identity:
    description:
      - Absolute path of an identity's folder, whose link C(current) is one of O(files).
      - Where O(state=restored) puts that link back, the identity is held at that generation with O(reason), so that no
        later run tries the other one again. M(openimaging.orthanc.certificate_generation) releases it.
    type: str
  reason:
    description:
      - Why the service goes back.
    type: str
    default: the service did not come back healthy
attributes:
  diff_mode:
    details:
      - The diff shows paths, SHA-256 digests, modes, owners and targets of links. It never shows contents.
notes:
  - The copies are as secret as the files. Name links to generations instead of the private keys in them.
seealso:
  - module: openimaging.orthanc.tls_probe
"""

EXAMPLES = r"""
- name: Compare what is there with what Orthanc was last seen healthy with
  openimaging.orthanc.service_record:
    path: /etc/orthanc/last-healthy
    service: orthanc.service
    files: [/etc/orthanc/managed/orthanc.json, /etc/orthanc/tls/current]
    state: compared
  register: difference

- name: Restart Orthanc
  ansible.builtin.systemd_service:
    name: orthanc.service
    state: restarted
  when: difference.differs | length > 0

- name: Record what Orthanc was seen healthy with
  openimaging.orthanc.service_record:
    path: /etc/orthanc/last-healthy
    service: orthanc.service
    files: [/etc/orthanc/managed/orthanc.json, /etc/orthanc/tls/current]
    state: recorded
"""

RETURN = r"""
recorded:
  description:
    - Whether there is a record of this service. One that is damaged, or that others could write, counts as none.
  returned: success
  type: bool
  sample: true
differs:
  description:
    - What differs from the record, empty when the service runs with what is there.
  returned: when O(state=compared)
  type: list
  elements: dict
  contains:
    path:
      description: The file, or the service.
      type: str
    why:
      description:
        - V(no record), V(missing), or V(changed), which includes owner and mode.
        - V(changed after the service started) when the service was started anew since it was recorded, by a reboot or
          by hand, and the file is as recorded but was touched after that start.
        - V(service not running) for the service.
      type: str
  sample: [{path: /etc/orthanc/managed/orthanc.json, why: changed}]
service_state:
  description:
    - The unit's state as systemd names it, or V(not-found).
  returned: when O(state=compared) or O(state=recorded)
  type: str
  sample: active
restored:
  description:
    - Whether there was a record, so that what is there is now what the service was last seen healthy with.
  returned: when O(state=restored)
  type: bool
  sample: true
held:
  description:
    - Whether O(identity) went back, and so is held.
  returned: when O(state=restored)
  type: bool
  sample: false
files:
  description:
    - The files that were put back or removed.
  returned: when O(state=restored)
  type: list
  elements: str
  sample: [/etc/orthanc/managed/orthanc.json]
"""

from functools import partial

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.record import keep

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "path": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "files": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["compared", "recorded", "restored"], "required": True},
    "identity": {"type": "str"},
    "reason": {"type": "str", "default": "the service did not come back healthy"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    run(module, partial(keep, check_mode=module.check_mode), absolute=["path", "files", "identity"])


if __name__ == "__main__":
    main()
