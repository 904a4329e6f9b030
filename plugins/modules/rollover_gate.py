#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: rollover_gate
short_description: Decide where a rollover of the CA stands, and let the CA take its next step
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Reads where the rollover stands from the CA's folder and from what was seen of every node, and from nothing else.
  - Lets the CA take its next step if no node and no client is behind. What a new CA is like is said by the variables of
    the role C(ca).
  - Prints the phase, which nodes are to be updated, who is waited for and what comes next. The lines are not part of
    the task's result.
  - Fails where it waits for nodes that this run cannot update. Waiting for clients is not a failure.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
  - openimaging.orthanc.attributes.control_node
options:
  path:
    description: Absolute path of the CA's folder.
    type: path
    required: true
  passphrase:
    description: Passphrase of the CA's keys.
    type: str
  hosts:
    description:
      - Hosts of the play that were looked at. C(rollover_look) is what M(openimaging.orthanc.node_look) or
        M(openimaging.orthanc.identity_info) returned of each.
    type: list
    elements: str
    required: true
  run:
    description: All hosts of the play, also those that were not reached.
    type: list
    elements: str
    required: true
  others:
    description: Results of a loop with M(openimaging.orthanc.identity_info) over the hosts that are not in the play.
    type: list
    elements: dict
    default: []
  step:
    description: The number of this gate in the run, from 1 on.
    type: int
    default: 1
  last:
    description: Whether the run ends here. No step is taken, and what clients need is said.
    type: bool
    default: false
  common_name:
    description: Name of the CA that is asked for.
    type: str
  waive:
    description: Nodes and clients that may stay behind, as a list or as text with commas.
    type: raw
  handed_out:
    description: Generation of the CA whose certificate every client has been handed.
    type: str
  stop_after:
    description: The phase that this run must not leave, V(trust) or V(issue).
    type: str
    default: ""
  emergency:
    description: Whether a CA is compromised. The first gate drops it before anything else.
    type: bool
    default: false
  confirm:
    description: Generation or subject of the CA that an emergency drops.
    type: str
"""

EXAMPLES = r"""
- name: Decide the next step for the whole group
  openimaging.orthanc.rollover_gate:
    path: "{{ orthanc_ca_dir }}"
    hosts: "{{ ansible_play_hosts }}"
    run: "{{ ansible_play_hosts_all }}"
  run_once: true
  register: rollover_gate
"""

RETURN = r"""
phase:
  description:
    - V(none) (no rollover is under way), V(trust) (every node must trust the next CA), V(issue) (have its certificate
      from it) or V(drop) (stop trusting the old one).
  returned: success
  type: str
behind:
  description: Why each node and client is behind, by name. Of these, C(blockers) are waited for, and C(waived) are not.
  returned: success
  type: dict
clients:
  description: Those that are waited for and are not nodes.
  returned: success
  type: list
  elements: str
todo:
  description: The nodes that can be updated, also those outside this run.
  returned: success
  type: list
  elements: str
update_1:
  description: The nodes of this run that are to be updated now. The number is that of the gate.
  returned: success
  type: list
  elements: str
one_by_one:
  description: Those of them that are updated one after the other, as their Orthanc is restarted.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import only_on_control_node

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "path": {"type": "path", "required": True},
    "passphrase": {"type": "str", "no_log": True},
    "hosts": {"type": "list", "elements": "str", "required": True},
    "run": {"type": "list", "elements": "str", "required": True},
    "others": {"type": "list", "elements": "dict", "default": []},
    "step": {"type": "int", "default": 1},
    "last": {"type": "bool", "default": False},
    "common_name": {"type": "str"},
    "waive": {"type": "raw"},
    "handed_out": {"type": "str"},
    "stop_after": {"type": "str", "default": ""},
    "emergency": {"type": "bool", "default": False},
    "confirm": {"type": "str"},
}


def main() -> None:
    only_on_control_node(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()
