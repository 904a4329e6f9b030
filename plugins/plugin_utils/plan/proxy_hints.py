# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy that Orthanc was given, by which its calls to peers leave their way."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.known_issuers import shown, some
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import Peer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook


def proxy_hints(look: NodeLook, peers: Sequence[Peer], config: Mapping[str, Any]) -> list[str]:
    """Return a sentence or two where Orthanc would call one of its peers through a proxy."""
    unit = look.units.get(location.UNIT)
    names = [f"{shown(name)} in its environment" for name in unit.proxies] if unit else []
    given = "HttpProxy in orthanc_config" if config.get("HttpProxy") else names[0] if names else None
    no_proxy = unit.no_proxy if unit else ""
    sent = [peer.name for peer in peers if not is_exempt(urlsplit(str(peer.settings["Url"])).hostname or "", no_proxy)]
    if given is None or not sent:
        return []
    return [
        f"Orthanc calls {some(sent)} through a proxy ({given}). Unless the proxy passes TLS on as it is, these calls "
        "fail. Name the hosts of these peers in NO_PROXY (systemctl edit orthanc, then restart Orthanc), or take the "
        "proxy out."
    ]


def is_exempt(host: str, no_proxy: str) -> bool:
    """Whether libcurl calls a host without the proxy: C(*), the name or a domain of it, an address or its network."""
    entries = [entry.lower().removeprefix(".") for entry in re.split(r"[,\s]+", no_proxy) if entry]
    return no_proxy.strip() == "*" or any(_fits(host.lower(), entry) for entry in entries)


def _fits(host: str, entry: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return host == entry or host.endswith(f".{entry}")
