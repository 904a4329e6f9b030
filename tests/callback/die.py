# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import signal
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: die
type: aggregate
short_description: Kill a run after what a task has done
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Sends SIGKILL to ansible-playbook when the first result of such a task has arrived, before anything follows it. The
    task is told by what it does, and not by its name, which may improve.
options:
  after:
    description:
      - The task's module without its collection, and the service or state that it is for, such as C(node_files),
        C(service_load frontend) or C(apt present). A task that is in check mode by itself has C((check)) at the end. It
        must not be skipped.
    type: str
    required: true
    env:
      - name: DIE_AFTER
"""


class CallbackModule(CallbackBase):
    """Nothing of the run is told, cleaned up or finished."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "die"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: Any) -> None:
        """Look whether this is the end."""
        if _does(result._task) == self.get_option("after"):
            os.kill(os.getpid(), signal.SIGKILL)


def _does(task: Any) -> str:
    module, options = str(task.action).rpartition(".")[2], task.args
    if module == "ansible_module":  # which executes one of Ansible's own
        module, options = options["name"], options["options"]
    of = options.get("service") or options.get("state") or ""
    return " ".join(filter(None, [module, of, "(check)" if task.check_mode else ""]))
