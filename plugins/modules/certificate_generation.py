#!/usr/bin/python
# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: certificate_generation
short_description: Go back to an identity's earlier generation, hold it, and release it
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Works on an identity's folder, as M(openimaging.orthanc.certificate) makes it. Nothing is signed.
  - An identity that is held stays as it is, whatever is due, until it is released. The hold is the file C(held.json) in
    its folder, for root alone, with the generation, the time and the reason.
  - No service is reloaded or restarted.
  - Safe to be killed at any moment. The hold is written before the identity goes back.
requirements:
  - cryptography >= 38
extends_documentation_fragment:
  - openimaging.orthanc.internal
  - openimaging.orthanc.attributes
  - openimaging.orthanc.identity
  - openimaging.orthanc.identity.diff
options:
  state:
    description:
      - V(previous) makes the generation current that was live before, and holds the identity there. An identity that is
        held already stays where it is. Fails when there is no earlier generation, when it is damaged, or when its
        certificate has expired.
      - V(held) holds the identity at its current generation. An identity that is held already stays so.
      - V(released) ends the hold.
    type: str
    choices: [previous, held, released]
    required: true
  reason:
    description:
      - Why, for the person who finds the identity held.
    type: str
    default: manual rollback
notes:
  - Which generation was live before is read from the current one's manifest. A generation that a killed run made and
    did not link is never gone back to.
  - Whether peers trust the earlier certificate is looked at by C(rollback.yml), not here.
seealso:
  - module: openimaging.orthanc.certificate
  - module: openimaging.orthanc.certificate_info
"""

EXAMPLES = r"""
- name: Go back
  openimaging.orthanc.certificate_generation:
    state: previous
    reason: The modality does not take the new certificate

- name: Let it be renewed again
  openimaging.orthanc.certificate_generation:
    state: released
"""

RETURN = r"""
path:
  description: The identity's folder.
  returned: success
  type: str
  sample: /etc/orthanc/tls
held:
  description: The hold; null where the identity is not held.
  returned: success
  type: dict
  contains:
    generation:
      description: The generation at which it is held.
      type: str
    since:
      description: Since when, in UTC.
      type: str
    why:
      description: Why.
      type: str
identity:
  description:
    - What is current now, in check mode what would be, with the facts that M(openimaging.orthanc.certificate_info)
      returns of a folder.
  returned: success
  type: dict
"""

from datetime import UTC, datetime

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.location import PATH_OPTION
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.rollback import reach
from ansible_collections.openimaging.orthanc.plugins.module_utils.module_runner import run

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    **PATH_OPTION,
    "state": {"type": "str", "choices": ["previous", "held", "released"], "required": True},
    "reason": {"type": "str", "default": "manual rollback"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    check_mode, now = module.check_mode, datetime.now(UTC)
    run(
        module,
        lambda its: reach(its["path"], its["state"], its["reason"], check_mode=check_mode, now=now),
        requires=["cryptography"],
    )


if __name__ == "__main__":
    main()
