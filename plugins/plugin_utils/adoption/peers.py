# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Peers and DICOMweb servers of a hand-made configuration as the collection's variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node, general_name
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import EXTERNAL_PEER_KEYS, peer_name
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

_SETTINGS = {setting: key for key, setting in EXTERNAL_PEER_KEYS.items()}
_LOGIN = ("Username", "Password")
_DICOM_WEB = "dicom-web"


@dataclass
class AdoptedPeers:
    """Where each entry goes. C(kept) and C(kept_servers) are those that only Orthanc's own settings can say."""

    hosts: list[str] = field(default_factory=list)
    external: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    kept_servers: dict[str, Any] = field(default_factory=dict)


def adopted_peers(
    host: str, fleet: Fleet, peers: Mapping[str, Mapping[str, Any]], servers: Mapping[str, Mapping[str, Any]]
) -> AdoptedPeers:
    """Sort the entries of C(OrthancPeers) and of C(DicomWeb.Servers) of a host.

    A server of the fleet is listed in orthanc_peers; where it had another name than the collection gives it, it keeps
    that name as well, for whoever calls it so.
    """
    found, nodes = AdoptedPeers(), nodes_by_name(host, fleet)
    for name, entry in peers.items():
        _add_peer(found, name, entry, nodes.get(_host_of(entry)))
    for name, entry in servers.items():
        _add_server(found, name, entry, nodes.get(_host_of(entry)))
    return found


def nodes_by_name(host: str, fleet: Fleet) -> dict[str, Node]:
    """The other hosts of the fleet by everything they are called."""
    nodes = [fleet.node(other) for other in fleet.hosts if other != host]
    names = {name: node for node in nodes for name in node.names}
    return {name.partition(":")[2].lower(): node for name, node in names.items()} | {
        general_name(node.host).partition(":")[2].lower(): node for node in nodes
    }


def _add_peer(found: AdoptedPeers, name: str, entry: Mapping[str, Any], node: Node | None) -> None:
    if node is not None and node.host not in found.hosts:
        found.hosts.append(node.host)
    if not entry.keys() <= _SETTINGS.keys():
        found.kept[name] = _as_it_is(entry, node)
    elif node is None:
        found.external[name] = {_SETTINGS[key]: value for key, value in entry.items() if value != ""}
    elif peer_name(node.host) != name:
        login = {_SETTINGS[key]: entry[key] for key in _LOGIN if entry.get(key)}
        found.external[name] = {"url": _new_url(entry["Url"], node), **login}


def _add_server(found: AdoptedPeers, name: str, entry: Mapping[str, Any], node: Node | None) -> None:
    simple = entry.keys() <= _SETTINGS.keys()
    if simple and name in found.external:
        found.external[name]["dicom_web_url"] = _new_url(entry["Url"], node)
    elif simple and node is not None and peer_name(node.host) == name and _is_usual(entry["Url"]):
        if node.host not in found.hosts:
            found.hosts.append(node.host)
    else:
        found.kept_servers[name] = _as_it_is(entry, node)


def _as_it_is(entry: Mapping[str, Any], node: Node | None) -> dict[str, Any]:
    return {**entry, "Url": _new_url(entry["Url"], node)}


def _new_url(url: str, node: Node | None) -> str:
    """Where a peer is from now on: one of the fleet that spoke plain HTTP speaks HTTPS."""
    parts = urlsplit(url)
    if node is None or parts.scheme == "https":
        return url
    if node.tls_mode == "builtin":
        return parts._replace(scheme="https").geturl()
    return node.url + parts.path.lstrip("/")


def _host_of(entry: Mapping[str, Any]) -> str:
    return (urlsplit(str(entry.get("Url", ""))).hostname or "").lower()


def _is_usual(url: str) -> bool:
    return urlsplit(url).path.strip("/") == _DICOM_WEB
