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
short_description: Kill a run at a named task
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Sends SIGKILL to ansible-playbook when the first result of the named task has arrived, before anything follows it.
options:
  after:
    description: The task's name as the play's output shows it, with its role. It must not be skipped.
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
        if result._task.get_name() == self.get_option("after"):
            os.kill(os.getpid(), signal.SIGKILL)
