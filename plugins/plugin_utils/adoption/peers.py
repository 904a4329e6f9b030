# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers and DICOMweb servers of a hand-made configuration as the collection's variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.callees import (
    Callee,
    Callees,
    certified,
    is_itself,
    plain_name,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import EXTERNAL_PEER_KEYS, peer_name
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

_SETTINGS = {setting: key for key, setting in EXTERNAL_PEER_KEYS.items()}
_LOGIN = ("Username", "Password")
_DICOM_WEB = "dicom-web"
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass
class AdoptedPeers:
    """Where each entry goes. C(kept) and C(kept_servers) are those that only Orthanc's own settings can say.

    C(notices) says of which entries somebody has to know something.
    """

    hosts: list[str] = field(default_factory=list)
    external: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    kept_servers: dict[str, Any] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Entry:
    """A peer or server; C(callee) is the host of the fleet that its URL means."""

    title: str
    name: str
    settings: Mapping[str, Any]
    callee: Callee

    @property
    def url(self) -> SplitResult | None:
        """Return its URL, C(None) where it is a secret."""
        url = self.settings["Url"]
        return urlsplit(url) if isinstance(url, str) else None

    @property
    def is_simple(self) -> bool:
        return self.settings.keys() <= _SETTINGS.keys()


def adopted_peers(
    host: str, fleet: Fleet, peers: Mapping[str, Mapping[str, Any]], servers: Mapping[str, Mapping[str, Any]]
) -> AdoptedPeers:
    """Sort the entries of C(OrthancPeers) and of C(DicomWeb.Servers) of a host.

    A server of the fleet is listed in orthanc_peers; where it had another name than the collection gives it, it keeps
    that name as well, for whoever calls it so.
    """
    found, callees = AdoptedPeers(), Callees(host, fleet)
    entries = [_entry("peer", name, settings, callees) for name, settings in peers.items()]
    server_entries = [_entry("DICOMweb server", name, settings, callees) for name, settings in servers.items()]
    for entry in entries:
        _add_peer(found, entry)
    for entry in server_entries:
        _add_server(found, entry)
    said = (notice for entry in (*entries, *server_entries) for notice in _notices(entry))
    found.notices = list(dict.fromkeys(said))
    _refuse_clashes(host, found)
    return found


def _entry(title: str, name: str, settings: Mapping[str, Any], callees: Callees) -> _Entry:
    url = settings["Url"]
    callee = callees.of(urlsplit(url).hostname or "") if isinstance(url, str) else Callee()
    return _Entry(title, name, settings, callee)


def _add_peer(found: AdoptedPeers, entry: _Entry) -> None:
    node, settings = entry.callee.node, entry.settings
    if node is not None and node.host not in found.hosts:
        found.hosts.append(node.host)
    if not entry.is_simple:
        found.kept[entry.name] = _as_it_is(entry)
    elif node is None:
        rest = {_SETTINGS[key]: value for key, value in settings.items() if key not in _LOGIN and value != ""}
        found.external[entry.name] = {**rest, **_login(settings)}
    elif peer_name(node.host) != entry.name:
        found.external[entry.name] = {"url": _new_url(entry), **_login(settings)}


def _login(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Orthanc comes as nobody where there is no user, and with an empty password where there is no other."""
    if not settings.get("Username"):
        return {}
    return {"username": settings["Username"], "password": settings.get("Password", "")}


def _add_server(found: AdoptedPeers, entry: _Entry) -> None:
    node, name = entry.callee.node, entry.name
    same_login = entry.settings.get("Username") in ("", None, found.external.get(name, {}).get("username"))
    if entry.is_simple and name in found.external and same_login:
        found.external[name]["dicom_web_url"] = _new_url(entry)
    elif entry.is_simple and node is not None and peer_name(node.host) == name and _is_usual(entry):
        if node.host not in found.hosts:
            found.hosts.append(node.host)
    else:
        found.kept_servers[name] = _as_it_is(entry)


def _as_it_is(entry: _Entry) -> dict[str, Any]:
    return {**entry.settings, "Url": _new_url(entry)}


def _new_url(entry: _Entry) -> Any:
    """Where a peer is from now on: one of the fleet speaks HTTPS, and is called by a name in its certificate."""
    node, parts = entry.callee.node, entry.url
    if node is None or parts is None:
        return entry.settings["Url"]
    if parts.scheme != "https" and node.tls_mode == "frontend":
        return node.url + parts.path.lstrip("/")
    host = parts.hostname if plain_name(parts.hostname or "") in certified(node) else urlsplit(node.url).hostname
    shown = f"[{host}]" if ":" in (host or "") else host
    port = "" if parts.port is None else f":{parts.port}"
    return parts._replace(scheme="https", netloc=f"{shown}{port}").geturl()


def _is_usual(entry: _Entry) -> bool:
    return entry.url is not None and entry.url.path.strip("/") == _DICOM_WEB


def _notices(entry: _Entry) -> Iterator[str]:
    what, parts, node = f"The {entry.title} {entry.name}", entry.url, entry.callee.node
    user = entry.settings.get("Username")
    if parts is None:
        yield f"{what} has a secret in its URL, and was not compared with the hosts of the fleet."
    elif node is not None:
        yield from _of_the_fleet(what, parts, node, user)
    else:
        yield from _outside(what, parts, entry.callee.maybe, user)


def _outside(what: str, parts: SplitResult, maybe: Sequence[str], user: Any) -> Iterator[str]:
    if maybe:
        yield (
            f"{what} is called as {parts.hostname}, which may be {' or '.join(maybe)} of the inventory, but that is "
            "not certain. It stays outside the fleet. If it is that host, add the name or address to its "
            "orthanc_subject_alt_names first."
        )
    if parts.scheme == "http" and not is_itself(plain_name(parts.hostname or "")):
        lost = f"studies and the password of the user {user}" if user else "studies"
        yield (
            f"{what} is called by plain HTTP ({parts.hostname}): {lost} cross the network unencrypted, as today. If it "
            "is a host of the fleet, it will answer HTTPS only: list that host in orthanc_peers. Otherwise let it "
            "speak HTTPS, and correct orthanc_external_peers."
        )


def _of_the_fleet(what: str, parts: SplitResult, node: Node, user: Any) -> Iterator[str]:
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    if port not in (node.http_port, node.https_port, *_DEFAULT_PORTS.values()):
        yield (
            f"{what} is taken for the host {node.host}, whose port is {node.https_port}, and not {port} as here. If "
            f"another server answers on port {port} there, list it in orthanc_external_peers instead."
        )
    if user and node.peer_user != user and list(node.users) != [user]:
        yield (
            f"The host {node.host} is called as the user {user} today. If it has several users, set orthanc_peer_user: "
            f"{user} there."
        )


def _refuse_clashes(host: str, found: AdoptedPeers) -> None:
    for other in found.hosts:
        name = peer_name(other)
        if name in found.external:
            raise OrthancTlsError(
                f"{host}: its OrthancPeers call another server '{name}', which is the name of the host {other} that it "
                f"calls as well, and one name cannot be both. Rename the peer '{name}' in Orthanc's configuration, or "
                "the host in the inventory."
            )
