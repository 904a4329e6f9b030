# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import functools
import multiprocessing
import os
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: count_modules
type: aggregate
short_description: Write down every module execution of a run
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Appends one line for each execution to a file. It holds the inventory host whose task it is, the module, and the
    task's name, separated by tabs.
  - It is the executions that count, not the tasks. A loop has one for each item, M(ansible.builtin.copy) has two or
    three, a delegated task counts for the host that delegates, a skipped one not at all. Commands that take no module
    (M(ansible.builtin.raw), file transfers) are not counted.
options:
  path:
    description: The file. It is made if it is missing, and never emptied.
    type: path
    required: true
    env:
      - name: COUNT_MODULES_PATH
"""


class CallbackModule(CallbackBase):
    """Wrap what all action plugins execute modules with; callbacks are loaded before the workers are forked."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "count_modules"
    CALLBACK_NEEDS_ENABLED = True

    def set_options(self, *arguments: Any, **options: Any) -> None:
        """Start counting, once Ansible has said where to."""
        super().set_options(*arguments, **options)
        _count(self.get_option("path"))


def _count(path: str) -> None:
    execute = ActionBase._execute_module

    @functools.wraps(execute)
    def counted(action: Any, module_name: str | None = None, *arguments: Any, **options: Any) -> Any:
        # Not the task variables' inventory_hostname: an action plugin may execute a module without variables.
        host = multiprocessing.current_process()._host.name  # type: ignore[attr-defined]
        _append(path, f"{host}\t{module_name or action._task.action}\t{action._task.get_name()}\n")
        return execute(action, module_name, *arguments, **options)

    ActionBase._execute_module = counted  # type: ignore[method-assign,assignment]


def _append(path: str, line: str) -> None:
    # Many workers at once: with O_APPEND, one write is one whole line.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
