#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: service_load
short_description: Let a service of a node load what is on disk, and go back if it is not healthy with that
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - A role that changes files and restarts a service in a handler leaves the old state running when it is killed in
    between, and no later run notices. This module compares what is there with the record of what the service was last
    seen healthy with. Where they differ, it lets the service load what is there, asks whether it is healthy, and makes
    that the record. Where it is not healthy, it puts back all that is in the record, has that loaded, and fails.
  - The record holds the files with owner and mode, the targets of symbolic links, systemd's identifier of that start of
    the service, and the probes that were answered.
  - Reading and writing are atomic. Safe to be killed at any moment. The next run converges.
  - A task says O(service), and perhaps O(state), O(stale), O(identity) and O(reason). Its action plugin fills in all
    else by what the inventory says of the host.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
  - openimaging.orthanc.probes
options:
  service:
    description:
      - The service, V(orthanc) or V(frontend).
    type: str
    required: true
  state:
    description:
      - V(loaded) lets the service load what differs from its record.
      - V(as_found) records how the service runs, where it runs and has no record yet. It is not asked whether it is
        healthy.
      - V(absent) takes a service out that this node has no more. It removes O(withdrawn) and the record.
    type: str
    choices: [loaded, as_found, absent]
    default: loaded
  stale:
    description:
      - Whether the service has to load what is there although nothing differs from the record.
    type: bool
    default: false
  identity:
    description:
      - Absolute path of the folder of the node's identity. Where the service goes back to an earlier generation, the
        identity is held there with O(reason), so that no later run tries the other one again.
        M(openimaging.orthanc.certificate_generation) releases it.
    type: str
  reason:
    description:
      - What the hold says of why the service went back.
    type: str
  unit:
    description:
      - The systemd unit, such as V(orthanc.service).
    type: str
  how:
    description:
      - How the service loads what is there.
    type: str
    choices: [reloaded, restarted]
  record:
    description:
      - Absolute path of the folder with the record. It belongs to root alone (mode 0700), and its parent must be there.
    type: str
  files:
    description:
      - Absolute paths of all files that the service reads when it loads. Those of the present record, where this is
        left out.
      - A symbolic link is taken as a link, and what it points to is not looked at. A file that is missing is recorded
        as missing. A folder is an error.
    type: list
    elements: str
  test:
    description:
      - Command that fails where the service cannot load its configuration.
    type: list
    elements: str
    default: []
  certificate:
    description:
      - Absolute path of a PEM file. Each probe over HTTPS must see its first certificate.
    type: str
  patience:
    description:
      - For how many seconds the service is asked again once it listens.
    type: int
    default: 30
  start_timeout:
    description:
      - For how many seconds it is waited for until it listens, as long as it has a process.
    type: int
    default: 30
  grace:
    description:
      - For how many seconds before a restart it is waited until no client has a connection to O(ports) and no job is
        unfinished. What is left then is cut by the restart.
    type: int
    default: 0
  ports:
    description:
      - The ports on which the service has clients.
    type: list
    elements: int
    default: []
  jobs:
    description:
      - Where Orthanc lists its jobs, relative to the URL of the first of O(probes).
    type: str
  log:
    description:
      - Absolute path of the file in which the service says why it failed.
    type: str
  withdrawn:
    description:
      - Absolute paths of files that are removed where the service was never seen healthy, or leaves the node.
    type: list
    elements: str
    default: []
  without:
    description:
      - Command by which the program goes on without these files. Where there is none, the service is stopped.
    type: list
    elements: str
    default: []
attributes:
  diff_mode:
    support: none
    details:
      - The files have shown their differences when they were written.
notes:
  - The copies in the record are as secret as the files. Name links to generations instead of the private keys in them.
seealso:
  - module: openimaging.orthanc.tls_probe
"""

EXAMPLES = r"""
- name: Restart Orthanc where it has not loaded what is there
  openimaging.orthanc.service_load:
    service: orthanc
"""

RETURN = r"""
due:
  description: Whether the service has, or had, to load what is there.
  returned: when O(state=loaded)
  type: bool
  sample: false
differs:
  description: The files, and the unit, that are not as recorded.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Path of the file, or name of the unit.
      type: str
    why:
      description:
        - V(no record) without a record, or when it does not hold this file.
        - V(missing) when the file is gone, V(changed) when it differs in content, target, owner, group or mode.
        - V(changed after the service started) when the service was started anew since it was recorded, by a reboot or
          by hand, and the file is as recorded but was touched after that start.
        - V(service not running) for the unit.
      type: str
  sample: [{path: /etc/orthanc/managed/orthanc.json, why: changed}]
cut:
  description: How many connections, or jobs where there was no connection, were left when O(grace) was over.
  returned: when the service was to load something
  type: int
  sample: 0
restored:
  description: Whether what the service was last seen healthy with is back.
  returned: when the service is not healthy
  type: bool
held:
  description: Whether the identity went back with it, and so is held.
  returned: when the service is not healthy
  type: bool
back:
  description:
    - How the service is with what was put back, V(healthy) or V(not healthy). It is V(not asked) where an earlier
      version of the collection made the record, V(as found) with O(state=as_found); null where nothing was put back.
  returned: when the service is not healthy
  type: str
back_failure:
  description: Why it is not healthy with that, or why nothing could be put back.
  returned: when the service is not healthy
  type: str
log:
  description: The end of O(log).
  returned: when the service is not healthy
  type: str
"""

from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.specification import PROBES_OPTION
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.loading import reach

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **PROBES_OPTION,
    "service": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["loaded", "as_found", "absent"], "default": "loaded"},
    "stale": {"type": "bool", "default": False},
    "identity": {"type": "str"},
    "reason": {"type": "str"},
    "unit": {"type": "str"},
    "how": {"type": "str", "choices": ["reloaded", "restarted"]},
    "record": {"type": "str"},
    "files": {"type": "list", "elements": "str"},
    "test": {"type": "list", "elements": "str", "default": []},
    "certificate": {"type": "str"},
    "patience": {"type": "int", "default": 30},
    "start_timeout": {"type": "int", "default": 30},
    "grace": {"type": "int", "default": 0},
    "ports": {"type": "list", "elements": "int", "default": []},
    "jobs": {"type": "str"},
    "log": {"type": "str"},
    "withdrawn": {"type": "list", "elements": "str", "default": []},
    "without": {"type": "list", "elements": "str", "default": []},
}
_PATHS = ["record", "files", "certificate", "identity", "log", "withdrawn"]


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    run(module, partial(reach, check_mode=module.check_mode), absolute=_PATHS)


if __name__ == "__main__":
    main()
