# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which host of the fleet a peer's URL means: by its names, its addresses, and how Ansible reaches it."""

from __future__ import annotations

import contextlib
import ipaddress
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

_REACHED_BY = ("ansible_host", "ansible_ssh_host")
_ITSELF = ("localhost", "localhost.localdomain", "ip6-localhost")


@dataclass(frozen=True)
class Callee:
    """The host that is meant, where that is certain; else the names of those that may be."""

    node: Node | None = None
    maybe: tuple[str, ...] = ()


@dataclass(frozen=True)
class Callees:
    """The hosts that one host may call."""

    host: str
    fleet: Fleet

    def of(self, name: str) -> Callee:
        """Find the host of a URL. An address of this machine is none, and one of several hosts is not certain."""
        wanted = plain_name(name)
        if not wanted or is_itself(wanted):
            return Callee()
        hosts = [other for other in self.fleet.hosts if wanted in self._called(other)]
        if hosts == [self.host]:
            return Callee()
        if len(hosts) == 1:
            return Callee(self.fleet.node(hosts[0]))
        others = hosts or [
            other for other in self.fleet.hosts if any(_alike(wanted, its) for its in self._called(other))
        ]
        return Callee(maybe=tuple(other for other in others if other != self.host))

    def _called(self, other: str) -> set[str]:
        variables = self.fleet.variables(other)
        reached = (str(variables[name]) for name in _REACHED_BY if variables.get(name))
        names = {plain_name(other), *certified(self.fleet.node(other)), *map(plain_name, reached)}
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
