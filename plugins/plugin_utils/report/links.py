# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls whom, over what, and whether it works: from the inventory, and from what callers have seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import Peer, external_peer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import mapping_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.model import (
    FAILS,
    UNTRIED,
    WORKS,
    ReportedLink,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check

_CLIENTS = {"required": ", client certificate", "optional": ", client certificate if there is one", "none": ""}


def links_of(fleet: Fleet, nodes: Mapping[str, Node], rows: Mapping[str, Sequence[Check]]) -> list[ReportedLink]:
    """Return the links of every host of the group; C(nodes) are its hosts, C(rows) by host what it has tried."""
    return [link for host in nodes for link in _of_host(fleet, nodes, host, rows.get(host, ()))]


def _of_host(fleet: Fleet, nodes: Mapping[str, Node], host: str, rows: Sequence[Check]) -> Iterator[ReportedLink]:
    by_target: dict[str, list[Check]] = {}
    for row in rows:
        if row.asks not in (None, host):
            by_target.setdefault(str(row.asks), []).append(row)
    for other in nodes[host].peers:
        tried = by_target.get(other, [])
        yield _link(host, other, _over(tried, nodes[other].client_auth), True, tried)
    for name, entry in mapping_of(host, fleet.variables(host), "orthanc_external_peers").items():
        names = (f"peer {name}", f"DICOMweb server {name}")
        tried = [row for row in rows if row.asks is None and row.name in names]
        yield _outside(host, external_peer(host, str(name), entry, ""), tried)


def _over(tried: Sequence[Check], client_auth: str) -> str:
    version = next((row.tls_version for row in tried if row.ok and not row.refusal and row.tls_version), None)
    return f"HTTPS{f' ({plain(version, 20)})' if version else ''}{_CLIENTS[client_auth]}"


def _outside(host: str, peer: Peer, tried: Sequence[Check]) -> ReportedLink:
    url = urlsplit(str(peer.settings["Url"]))
    encrypted = url.scheme == "https"
    target = peer.name
    return _link(host, target, "HTTPS" if encrypted else "plain HTTP", encrypted, tried, inside=False)


def _link(
    host: str, target: str, over: str, encrypted: bool, tried: Sequence[Check], *, inside: bool = True
) -> ReportedLink:
    failed = next((row for row in tried if row.fails), None)
    state = FAILS if failed else WORKS if tried else UNTRIED
    seen = plain(f"{failed.name}: {failed.seen}", 300) if failed else ""
    return ReportedLink(host, target, over, encrypted, state, seen, inside)
