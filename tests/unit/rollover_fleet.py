# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of nodes in folders whose CA is rolled over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from authorities import NOW, PASSPHRASE, brought, order
from identities import Node

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.facts import generation_facts
from ansible_collections.openimaging.orthanc.plugins.modules.client_certificate import ARGUMENT_SPEC as CLIENT
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.info import authority_info
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.enrolment import enrol
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover import (
    Plan,
    plan,
)


@dataclass
class Fleet:
    """Nodes in folders, whose services have loaded what they hold unless told otherwise."""

    ca: AuthorityFolder
    nodes: dict[str, Node]
    folder: Path
    down: set[str] = field(default_factory=set)
    not_loaded: set[str] = field(default_factory=set)
    of_another: set[str] = field(default_factory=set)
    now: datetime = NOW

    def look(self, host: str) -> Mapping[str, Any] | None:
        if host in self.down:
            return None
        identity = generation_facts(str(self.nodes[host].path), self.now)
        if host in self.of_another:
            identity["certificates"] = [{**identity["certificates"][-1], "issuer": "CN=Hospital Root"}]
        return {"identity": identity, "not_loaded": "has not loaded it" if host in self.not_loaded else None}

    def plan(self, common_name: str | None = None, waive: tuple[str, ...] = (), handed_out: str | None = None) -> Plan:
        info = authority_info(self.ca.path, self.now)
        looks = {host: self.look(host) for host in self.nodes}
        return plan(
            info["authorities"], info["clients"], looks, common_name, waive, handed_out, followers=self.of_another
        )

    def take(self, step: Mapping[str, Any] | None) -> None:
        assert step is not None
        for generation in step.get("generations") or [None]:
            wanted = order() if "common_name" not in step else named(step["common_name"])
            assert brought(self.ca, step["state"], wanted, generation=generation, now=self.now)

    def bring_on(self, *hosts: str, trust_only: bool = False) -> None:
        for host in hosts:
            self.nodes[host].run(trust_only=trust_only, now=self.now)

    def client(self, name: str, *, force: bool = False) -> None:
        defaults = {option: given.get("default") for option, given in CLIENT.items()}
        options = {"path": str(self.folder / name), "ca_path": self.ca.path, "ca_passphrase": PASSPHRASE}
        enrol({**defaults, **options, "common_name": name, "force": force}, check_mode=False, now=self.now)


def named(common_name: str) -> Any:
    wanted = order()
    return type(wanted)(common_name, wanted.key_type, wanted.lifetime)


def staged(fleet: Fleet) -> Fleet:
    fleet.take(fleet.plan("Next CA").step)
    return fleet


def active(fleet: Fleet) -> Fleet:
    staged(fleet).bring_on("a", "b", trust_only=True)
    fleet.take(fleet.plan(handed_out=fleet.ca.staged()[-1].generation).step)
    return fleet


def retired(fleet: Fleet) -> Fleet:
    active(fleet).bring_on("a", "b")
    fleet.take(fleet.plan().step)
    return fleet
