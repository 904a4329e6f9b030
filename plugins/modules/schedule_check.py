#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: schedule_check
short_description: Check that a user can run a playbook on a schedule
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Checks that the user exists, and can use inventory, vault password file, C(ansible-playbook) and the directory in
    which the run starts. All that is wrong is one error.
  - Nothing is changed. Without root it can ask for its own user only.
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes.info
options:
  user:
    description: The user.
    type: str
    required: true
  inventory:
    description: Absolute path of the inventory.
    type: str
    required: true
  vault_password_file:
    description: Absolute path of the file with the vault's password, which only its owner may use. Empty for none.
    type: str
    default: ""
  ansible_playbook:
    description: Absolute path of the program.
    type: str
    required: true
  directory:
    description: Absolute path of the directory in which the run starts.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Check that the rotation can run
  openimaging.orthanc.schedule_check:
    user: orthanc-admin
    inventory: /srv/orthanc/inventory.yml
    ansible_playbook: /usr/bin/ansible-playbook
    directory: /srv/orthanc
"""

RETURN = r"""
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.access import (
    ENTER,
    EXECUTE,
    READ,
    Needed,
    faults,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "user": {"type": "str", "required": True},
    "inventory": {"type": "str", "required": True},
    "vault_password_file": {"type": "str", "default": "", "no_log": False},
    "ansible_playbook": {"type": "str", "required": True},
    "directory": {"type": "str", "required": True},
}


def check(options: Mapping[str, Any]) -> dict[str, Any]:
    """Raise for all that keeps the user from running the playbook."""
    vault = options["vault_password_file"]
    found = faults(
        options["user"],
        [
            Needed("schedule_inventory", options["inventory"], READ),
            *([Needed("schedule_vault_password_file", vault, READ, secret=True)] if vault else []),
            Needed("schedule_ansible_playbook", options["ansible_playbook"], EXECUTE),
            Needed("schedule_directory", options["directory"], ENTER),
        ],
    )
    if found:
        raise OrthancTlsError(" ".join([*found, "Nothing was changed."]))
    return {"changed": False}


def main() -> None:
    run(AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True), check)


if __name__ == "__main__":
    main()
