# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nginx of a host as a site meets it: its versions, and where its other sites listen (standard library only)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import program as nginx_program
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.configuration import Listener, listeners

_IPV6 = "/proc/net/if_inet6"


@dataclass(frozen=True)
class NginxSites:
    """An nginx without one of its sites. Where it is not installed there are neither versions nor listeners.

    C(fault) says why it would not load, or would never read the site; then C(other_listeners) is empty.
    """

    installed: bool
    version: str | None
    openssl_version: str | None
    ipv6: bool
    processors: int
    other_listeners: Sequence[Listener] = ()
    fault: str | None = None


def nginx_sites(site: str, ports: Collection[int]) -> NginxSites:
    """Look at nginx, and at its sites other than the file C(site) that listen on any of the ports."""
    seen = NginxSites(False, None, None, os.path.exists(_IPV6), os.cpu_count() or 1)
    try:
        found = nginx_program.versions()
        if found is None:
            return seen
        seen = replace(seen, installed=True, version=found.nginx, openssl_version=found.openssl)
        others = [other for other in listeners(nginx_program.dump_without(site)) if other.port in ports]
    except (OrthancTlsError, OSError, subprocess.SubprocessError) as error:
        return replace(seen, installed=True, fault=str(error))
    return replace(seen, other_listeners=others)
