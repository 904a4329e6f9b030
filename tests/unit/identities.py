# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node in a temporary folder, and the task's two halves without Ansible between them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from authorities import NOW, PASSPHRASE

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.request import AnyIssuer, InspectRequest
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.steps import perform
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.local import CaFolderSigning, local_order
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import Order


def snapshot(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Return everything below a folder: modes, owners, links, contents."""
    found = {}
    for path in sorted([folder, *folder.rglob("*")] if folder.exists() else []):
        status = path.lstat()
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path)] = (status.st_mode, status.st_uid, status.st_gid, content)
    return found


def signing(order: Order) -> CaFolderSigning:
    """Return what signs an order that goes to the CA folder."""
    assert isinstance(order.signing, CaFolderSigning)
    return order.signing


@dataclass
class Node:
    """One host, its CA folder and the task's options."""

    ca: AuthorityFolder
    path: Path
    options: dict[str, Any] = field(default_factory=dict)
    passphrase: str | None = PASSPHRASE

    def order(self, *, check_mode: bool = False, **changes: Any) -> Order:
        defaults = {name: option.get("default") for name, option in ARGUMENT_SPEC.items()}
        options = {
            **defaults,
            "path": str(self.path),
            "common_name": "node.example.org",
            "owner": str(os.getuid()),
            "group": str(os.getgid()),
            "ca_path": self.ca.path,
            "ca_passphrase": self.passphrase,
            **self.options,
            **changes,
        }
        self.parameters = {name: options[name] for name in ("path", "owner", "group", "keep")}
        self.any_issuer = options["allow_issuer_change"]
        return local_order(options, "node", check_mode=check_mode)

    def step(
        self, name: str, order: Order, *, now: datetime = NOW, check_mode: bool = False, **request: Any
    ) -> dict[str, Any]:
        enrolment = {"step": name, "spec": order.spec.to_arguments(), **request}
        return perform({**self.parameters, "enrolment": enrolment}, check_mode=check_mode, now=now)

    def inspect(
        self, order: Order, *, now: datetime = NOW, clock: datetime | None = None, check_mode: bool = False
    ) -> dict[str, Any]:
        accepted = AnyIssuer() if self.any_issuer else order.accepted
        request = InspectRequest(accepted, utc_text(clock or now))
        return self.step("inspect", order, now=now, check_mode=check_mode, **request.to_arguments())

    def install(self, order: Order, answer: dict[str, Any], *, now: datetime = NOW, **changes: Any) -> dict[str, Any]:
        signed = signing(order).sign(answer["csr"].encode(), now).to_arguments()
        request = {"reason": answer["reason"], "staged": answer["staged"], **signed, **changes}
        return self.step("install", order, now=now, **request)

    def run(self, *, now: datetime = NOW, check_mode: bool = False, **changes: Any) -> dict[str, Any]:
        """Do what the action plugin does, and return the result."""
        order = self.order(check_mode=check_mode, **changes)
        found = self.inspect(order, now=now, check_mode=check_mode)
        answer = found.get("enrolment", {})
        if "foreign_issuer" in answer:
            raise OrthancTlsError(f"foreign issuer {answer['foreign_issuer']}")
        return self.install(order, answer, now=now) if "csr" in answer else found

    @property
    def current(self) -> Path:
        return self.path / "current"

    def file(self, name: str) -> Path:
        return self.current / name

    def generations(self) -> list[str]:
        return sorted(os.listdir(self.path / "generations"))
