# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which host of the fleet a peer's URL means: by its names, its addresses, and how Ansible reaches it."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

_REACHED_BY = ("ansible_host", "ansible_ssh_host")
_ITSELF = ("localhost", "localhost.localdomain", "ip6-localhost")


@dataclass(frozen=True)
class Callee:
    """The host that is meant, where that is certain; else the names of those that may be."""

    node: Node | None = None
    maybe: tuple[str, ...] = ()


class Callees:
    """The hosts that one host may call."""

    def __init__(self, host: str, fleet: Fleet) -> None:
        self._host = host
        # Once, as resolving a host takes its time.
        self._nodes = {other: fleet.node(other) for other in fleet.hosts}
        self._names = {other: _called(node, fleet.variables(other)) for other, node in self._nodes.items()}

    def of(self, name: str) -> Callee:
        """Find the host of a URL. An address of this machine is none, and one of several hosts is not certain."""
        wanted = plain_name(name)
        if not wanted or is_itself(wanted):
            return Callee()
        hosts = [other for other, names in self._names.items() if wanted in names]
        if hosts == [self._host]:
            return Callee()
        if len(hosts) == 1:
            return Callee(self._nodes[hosts[0]])
        alike = [other for other, names in self._names.items() if any(_alike(wanted, its) for its in names)]
        return Callee(maybe=tuple(other for other in hosts or alike if other != self._host))


def _called(node: Node, variables: Mapping[str, Any]) -> set[str]:
    reached = (str(variables[name]) for name in _REACHED_BY if variables.get(name))
    names = {plain_name(node.host), *certified(node), *map(plain_name, reached)}
    return {name for name in names if name and not is_itself(name)}


def certified(node: Node) -> set[str]:
    """The names and addresses in a node's certificate."""
    return {plain_name(name.partition(":")[2]) for name in node.names}


def plain_name(name: str) -> str:
    """A name or address in the one way in which it is compared."""
    plain = name.strip("[]").rstrip(".").lower()
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(plain))
    return plain


def is_itself(name: str) -> bool:
    """Whether a name or address means the machine that uses it."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    return name in _ITSELF


def _alike(one: str, other: str) -> bool:
    """Whether a short name may be that of a long one."""
    short, long = sorted((one, other), key=len)
    return "." not in short and ":" not in long and long.startswith(f"{short}.")
