# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node in a temporary folder, and the task C(certificate) with both halves in this process."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cryptography import x509

from ansible_collections.openimaging.orthanc.plugins.action.certificate import ActionModule
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.steps import perform
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

HOST = "node"
NAME = "node.example.org"


class NodeTask(ActionModule):
    """The task's action as Ansible makes it, with a node that executes the module in this process."""

    def __init__(self, host: NodeHost, *, check_mode: bool, **options: Any) -> None:
        self.host = host
        task: Any = SimpleNamespace(
            args=options, check_mode=check_mode, diff=True, async_val=0, delegate_to=None, action="certificate"
        )
        connection: Any = SimpleNamespace(_shell=SimpleNamespace(tmpdir=str(host.folder)))
        unused: Any = None
        super().__init__(task, connection, unused, unused, unused)

    def _execute_module(self, *args: Any, **sent: Any) -> dict[str, Any]:
        arguments = json.loads(json.dumps(sent["module_args"]))
        self.host.sent.append(arguments)
        if meanwhile := self.host.meanwhile.pop(arguments["enrolment"]["step"], None):
            meanwhile()
        if self.host.answers is not None:
            return {"changed": False, "enrolment": self.host.answers}
        try:
            return perform(arguments, check_mode=self._task.check_mode)
        except OrthancTlsError as error:
            return {"failed": True, "msg": str(error)}


@dataclass
class NodeHost:
    """A node in a temporary folder. With C(answers) it answers that, and executes nothing.

    C(meanwhile) is what happens elsewhere while the node does a step, once.
    """

    folder: Path
    sent: list[dict[str, Any]] = field(default_factory=list)
    answers: Any = None
    meanwhile: dict[str, Callable[[], Any]] = field(default_factory=dict)

    @property
    def tls(self) -> Path:
        return self.folder / "node" / "tls"

    def task(self, issuer: str, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        """Run the task; return its result with C(steps), what was asked of the node."""
        own = {"path": str(self.tls), "owner": str(os.getuid()), "group": str(os.getgid()), "common_name": NAME}
        before = len(self.sent)
        action = NodeTask(
            self, check_mode=check_mode, issuer=issuer, **{**own, "ca_path": str(self.folder / "ca"), **options}
        )
        result = action.run(task_vars={"inventory_hostname": HOST, "hostvars": {}})
        return {"failed": False, **result, "steps": [sent["enrolment"]["step"] for sent in self.sent[before:]]}

    def leaf(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate((self.tls / "current" / "cert.pem").read_bytes())
