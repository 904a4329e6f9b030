# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nginx that a server file joins: its version, its other sites, and who holds the ports (standard library only)."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.port_holders import Holder, holders
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import program as nginx_program
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.configuration import Listener, listeners

_IPV6 = "/proc/net/if_inet6"


@dataclass(frozen=True)
class Surroundings:
    """What is there before a site joins an nginx. Without nginx there are neither versions nor listeners."""

    installed: bool
    version: str | None
    openssl_version: str | None
    ipv6: bool
    processors: int
    other_listeners: Sequence[Listener]
    port_holders: Sequence[Holder]


def look_around(site: str, ports: Collection[int]) -> Surroundings:
    """Look at nginx, at its sites other than the file C(site), and at who holds the ports.

    Raises where nginx's own configuration does not load.
    """
    ipv6, processors = os.path.exists(_IPV6), os.cpu_count() or 1
    found = nginx_program.versions()
    if found is None:
        return Surroundings(False, None, None, ipv6, processors, [], [])
    others = [other for other in listeners(nginx_program.dump_without(site)) if other.port in ports]
    return Surroundings(True, found.nginx, found.openssl, ipv6, processors, others, holders(ports))
