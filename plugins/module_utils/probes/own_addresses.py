# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses under which others reach this host (standard library only)."""

from __future__ import annotations

import ipaddress
import json
import subprocess

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_COMMAND = ("ip", "-json", "address", "show", "up")
_SECONDS = 60


def own_addresses() -> list[str]:
    """Ask the kernel for every address of this host but the loopback's."""
    try:
        answer = subprocess.run(_COMMAND, capture_output=True, text=True, timeout=_SECONDS, check=True)
    except FileNotFoundError as error:
        raise OrthancTlsError("the program 'ip' is missing on this host; install the package iproute2.") from error
    except subprocess.SubprocessError as error:
        raise OrthancTlsError(f"cannot ask for this host's addresses: {error}.") from error
    return read_addresses(answer.stdout)


def read_addresses(answer: str) -> list[str]:
    """Read what C(ip) says. An IPv6 link-local address is left out, as it means nothing without its interface."""
    try:
        local = [info["local"] for interface in json.loads(answer) for info in interface.get("addr_info", [])]
        found = [ipaddress.ip_address(address) for address in local]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise OrthancTlsError(f"what '{' '.join(_COMMAND)}' says cannot be read: {error!r}.") from error
    reachable = [one for one in found if not one.is_loopback and not (one.version == 6 and one.is_link_local)]
    return [str(address) for address in dict.fromkeys(reachable)]
