# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that sign for themselves, in temporary folders, without Ansible between their two halves."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from authorities import NOW

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.request import InspectRequest
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.steps import perform
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import fingerprint_sha256
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.trust_bundle import fingerprints
from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import Order, SigningOnNode
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.pinned import PinnedFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.selfsigned import self_signed_order

# OpenSSL goes by the real clock, so nodes begin in the past and are due now.
PAST, DUE = NOW - timedelta(days=150), NOW


def signing_on_node(order: Order) -> SigningOnNode:
    """Return what a node is told that signs for itself."""
    assert isinstance(order.signing, SigningOnNode)
    return order.signing


@dataclass
class Pinned:
    """One node that signs for itself, with the folder on the control node where it is known."""

    name: str
    folder: Path
    peers: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    def run(
        self,
        *,
        now: datetime = PAST,
        clock: datetime | None = None,
        activate: bool = False,
        check_mode: bool = False,
        **changes: Any,
    ) -> Any:
        """Do what the action plugin does, and return the result."""
        order = self.order(activate=activate, check_mode=check_mode, **changes)
        signing = signing_on_node(order)
        request = InspectRequest(order.accepted, utc_text(clock or now), signing.order)
        result = perform(
            {
                "path": str(self.path),
                "owner": str(os.getuid()),
                "group": str(os.getgid()),
                "keep": changes.get("keep", 5),
                "enrolment": {"step": "inspect", "spec": order.spec.to_arguments(), **request.to_arguments()},
            },
            check_mode=check_mode,
            now=now,
        )
        signing.publish(result["enrolment"]["known_by"], now)
        return result

    def order(self, *, check_mode: bool = False, **changes: Any) -> Order:
        defaults = {name: option.get("default") for name, option in ARGUMENT_SPEC.items()}
        options = {
            **defaults,
            "path": str(self.path),
            "ca_path": str(self.folder / "ca"),
            "common_name": f"{self.name}.example.org",
            "pinned_clients": list(self.peers),
            "pinned_servers": list(self.peers),
            **self.options,
            **changes,
        }
        return self_signed_order(options, self.name, check_mode=check_mode)

    @property
    def path(self) -> Path:
        return self.folder / self.name

    @property
    def live(self) -> str:
        (fingerprint,) = fingerprints((self.path / "current" / "cert.pem").read_bytes())
        return fingerprint

    @property
    def accepts(self) -> set[str]:
        return fingerprints((self.path / "current" / "client-trust.pem").read_bytes())

    @property
    def known_by(self) -> set[str]:
        return set(map(fingerprint_sha256, PinnedFolder(str(self.folder / "ca")).known(self.name).certificates))


def made_pair(folder: Path) -> tuple[Pinned, Pinned]:
    """Make two peers that trust each other."""
    a, b = Pinned("a", folder, ("b",)), Pinned("b", folder, ("a",))
    for node in (a, b, a, b):
        node.run()
    return a, b


def can_talk(one: Pinned, other: Pinned) -> bool:
    return one.live in other.accepts and other.live in one.accepts and one.live in one.accepts
