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
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.steps import perform
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import fingerprint_sha256
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.trust_bundle import fingerprints
from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.pinned import PinnedFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.selfsigned import PinnedOrder

# OpenSSL goes by the real clock, so nodes begin in the past and are due now.
PAST, DUE = NOW - timedelta(days=150), NOW


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
        order = self.order(**changes)
        result = perform(
            {
                "path": str(self.path),
                "owner": str(os.getuid()),
                "group": str(os.getgid()),
                "keep": changes.get("keep", 5),
                "enrolment": {
                    "step": "keep_up",
                    "spec": order.spec.to_arguments(),
                    "lifetime": int(order.lifetime.total_seconds()),
                    "activate": activate,
                    "replace_issued": False,
                    "clock": utc_text(clock or now),
                    "keeps_trust": order.keeps_trust,
                },
            },
            check_mode=check_mode,
            now=now,
        )
        order.publish(result["enrolment"]["known_by"], now, check_mode=check_mode)
        return result

    def order(self, **changes: Any) -> PinnedOrder:
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
        return PinnedOrder.of(options, self.name)

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
