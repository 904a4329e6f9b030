# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of an nginx that somebody has put before Orthanc by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.servers import (
    ANSWER,
    PROXY,
    ServedPath,
    SiteServer,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.callees import (
    certified,
    is_itself,
    plain_name,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.frontends.nginx_names import (
    host_of,
    is_address,
    taken_by,
)

_PLAIN_PATH = re.compile(r"(?:\^~ )?(?P<path>/(?:[A-Za-z0-9._~-]+/)*[A-Za-z0-9._~-]*)")
_ACME = "/.well-known/acme-challenge"
_CORS = "access-control-"
_HTTP = 80
# What the front-end sends or adds as well, or what concerns nobody but nginx itself.
_SENT_AS_WELL = {"host", "connection", "upgrade", "forwarded", "authorization", "accept-encoding", "x-real-ip"}
_ADDED_AS_WELL = {"strict-transport-security"}


@dataclass(frozen=True)
class ReplacedSites:
    """C(path_prefix) is what C(frontend_path_prefix) becomes, None where it is as it was."""

    path_prefix: str | None
    notices: tuple[str, ...]


def replaced_sites(found: Mapping[str, Any], orthanc_port: int, node: Node, mode: str) -> ReplacedSites:
    """Say what the sites of C(orthanc_configuration_info) do for Orthanc's clients, and what becomes of that."""
    if found["nginx_fault"]:
        fault = f"What the sites of nginx on this host do cannot be read: {found['nginx_fault']}."
        return ReplacedSites(None, (fault,))
    sites = [_site(entry) for entry in found["nginx_servers"]]
    ours = {site: _paths_of_orthanc(site, orthanc_port, node) for site in sites}
    if mode != "frontend":
        return ReplacedSites(None, tuple(_cut_off([site for site in sites if ours[site]], found["settings"])))
    named = [site for site in sites if _has_our_name(site, node)]
    paths = [path for site in named for path in ours[site]]
    prefix = _prefix(paths)
    takes = prefix if prefix != "/" and node.path_prefix == "/" else None
    notices = [
        *_in_the_way(named, node),
        *_path(paths, takes),
        *(notice for site in named for notice in _of_clients(site, ours[site], node)),
        *_other_ways([site for site in sites if ours[site] and site not in named]),
    ]
    return ReplacedSites(takes, tuple(dict.fromkeys(notices)))


def _site(entry: Mapping[str, Any]) -> SiteServer:
    def texts(name: str) -> tuple[str, ...]:
        return tuple(entry[name])

    return SiteServer(
        entry["file"],
        tuple(entry["ports"]),
        texts("server_names"),
        entry["certificate"],
        entry["client_ca"],
        texts("password_files"),
        texts("rules"),
        texts("sent_headers"),
        texts("added_headers"),
        tuple(ServedPath(one["path"], one["does"], one["host"], one["port"]) for one in entry["paths"]),
    )


def _paths_of_orthanc(site: SiteServer, orthanc_port: int, node: Node) -> tuple[ServedPath, ...]:
    def is_here(host: str) -> bool:
        name = plain_name(host)
        return is_itself(name) or name in certified(node) or name == plain_name(node.host)

    return tuple(path for path in site.paths if path.does == PROXY and path.port == orthanc_port and is_here(path.host))


def _names(node: Node) -> list[str]:
    return [host for name in node.names if (host := host_of(name)) and not is_address(host)]


def _has_our_name(site: SiteServer, node: Node) -> bool:
    """Whether the front-end would meet a site of one of its names on one of its ports, as a plan finds it."""
    ports = {node.https_port if node.tls_mode == "frontend" else 443, _HTTP}
    return bool(ports & {*site.ports}) and any(taken_by(name, site.server_names) for name in _names(node))


def _prefix(paths: Sequence[ServedPath]) -> str:
    """The one path under which clients find Orthanc; C(/) where there are several, or one that is a pattern."""
    found = {match["path"].rstrip("/") for path in paths if (match := _PLAIN_PATH.fullmatch(path.path))}
    return f"{found.pop()}/" if len(found) == 1 and len({path.path for path in paths}) == 1 else "/"


def _in_the_way(named: Sequence[SiteServer], node: Node) -> Iterator[str]:
    for file in dict.fromkeys(site.file for site in named):
        sites = [site for site in named if site.file == file]
        ports = sorted({port for site in sites for port in site.ports})
        names = [name for name in _names(node) if any(taken_by(name, site.server_names) for site in sites)]
        yield (
            f"{file} serves {_list(names)} on port {_list(map(str, ports))}, where the front-end would answer. "
            "This run writes the variables, and then leaves the host as it is. Take the name out of that file, or "
            "remove the file, do not reload nginx, and run site.yml: nginx serves the old site until the run reloads "
            "it. To have both for a while, set frontend_https_port to another port and frontend_http_port to 0 instead."
        )


def _path(paths: Sequence[ServedPath], takes: str | None) -> Iterator[str]:
    found = list(dict.fromkeys(path.path for path in paths))
    if takes:
        yield f"Clients find Orthanc under {found[0]} there, and still do: frontend_path_prefix becomes {takes}."
    elif len(found) > 1 or (found and not _PLAIN_PATH.fullmatch(found[0])):
        yield (
            f"Clients find Orthanc under {_list(found)} there. The front-end has it under one path, which is "
            "frontend_path_prefix; URLs with another path end."
        )


def _of_clients(site: SiteServer, orthanc: Sequence[ServedPath], node: Node) -> Iterator[str]:
    """What the clients of a site rely on that the front-end replaces."""
    if site.certificate and orthanc:
        yield (
            f"{site.file} serves the certificate in {site.certificate}. The front-end serves one of the fleet's own "
            "issuer, so browsers and devices must trust its CA before."
        )
    if site.password_files:
        yield (
            f"{site.file} asks for the passwords in {_list(site.password_files)}. They are not taken over, as these "
            "are not users of Orthanc. Give people client certificates (client_certificate). Where a password has to "
            "be enough, put the users into orthanc_config.RegisteredUsers and set frontend_client_auth: none."
        )
    if "authorization" in map(str.lower, site.sent_headers):
        yield (
            f"{site.file} sends an Authorization header of its own to Orthanc, so that people need no password of "
            "Orthanc's. The front-end does not: people need the password of one of RegisteredUsers as well. Without "
            "RegisteredUsers the client certificate alone decides."
        )
    if site.client_ca:
        yield (
            f"{site.file} lets in clients with certificates of the CAs in {site.client_ca}. Put these CAs into "
            "identity_client_ca_certificates, or give the clients certificates of the fleet's CA."
        )
    if site.rules:
        yield (
            f"{site.file} decides with {_list(site.rules)} who may connect. None of these rules is taken over: the "
            "front-end decides by client certificates (frontend_client_auth). A packet filter can limit addresses."
        )
    yield from _headers(site, orthanc)
    yield from _other_paths(site, orthanc)
    yield from _other_names(site, node)


def _headers(site: SiteServer, orthanc: Sequence[ServedPath]) -> Iterator[str]:
    cors = [name for name in site.added_headers if name.lower().startswith(_CORS)]
    if cors:
        yield (
            f"{site.file} adds {_list(cors)}, so that pages of other origins may call Orthanc (CORS). That is not "
            "taken over, and a viewer on another origin stops working unless frontend_nginx_lines lets it in."
        )
    added = [name for name in site.added_headers if name not in cors and name.lower() not in _ADDED_AS_WELL]
    if added and orthanc:
        yield (
            f"{site.file} adds {_list(added)} to what Orthanc answers. The front-end does so where "
            "frontend_nginx_lines says it."
        )
    sent = [name for name in site.sent_headers if name.lower() not in _SENT_AS_WELL]
    own = [name for name in sent if not name.lower().startswith("x-forwarded-")]
    if own and orthanc:
        yield f"{site.file} sends {_list(own)} to Orthanc. The front-end does not; check what reads these headers."


def _other_paths(site: SiteServer, orthanc: Sequence[ServedPath]) -> Iterator[str]:
    others = [path.path for path in site.paths if path not in orthanc and path.does != ANSWER]
    acme = [path for path in others if _ACME in path]
    if acme:
        yield (
            f"{site.file} answers {_list(acme)}, by which a certificate is renewed. It is not answered any more where "
            "the front-end has port 80: end that renewal, or set frontend_http_port to 0."
        )
    others = [path for path in others if path not in acme]
    if others:
        yield (
            f"{site.file} also serves {_list(others)}. The front-end serves Orthanc alone: move that, such as a "
            "viewer, to a site with another name, or into frontend_nginx_lines."
        )


def _other_names(site: SiteServer, node: Node) -> Iterator[str]:
    names = [name for name in site.server_names if name not in ("", "_") and name.lower() not in certified(node)]
    if names:
        yield (
            f"{site.file} also serves the names {_list(names)}. Where they are this host's, put them into "
            "frontend_server_names, which puts them into its certificate."
        )


def _other_ways(sites: Sequence[SiteServer]) -> Iterator[str]:
    for site in sites:
        yield (
            f"{site.file} leads to this Orthanc as well ({_where(site)}). It stays as it is, and its clients need no "
            "certificate of the fleet. Remove it when nobody uses it any more."
        )


def _cut_off(sites: Sequence[SiteServer], settings: Mapping[str, Any]) -> Iterator[str]:
    """Sites before an Orthanc that speaks TLS itself from now on."""
    if settings.get("SslEnabled"):
        return
    for site in sites:
        yield (
            f"{site.file} leads to this Orthanc in plain HTTP ({_where(site)}). Orthanc speaks HTTPS itself from now "
            "on, and that site is not answered any more. With orthanc_tls_mode: frontend the collection's own site "
            "takes its place."
        )


def _where(site: SiteServer) -> str:
    return f"{_list(site.server_names) or 'no name'}, port {_list(map(str, site.ports))}"


def _list(entries: Any) -> str:
    *most, last = [*entries] or [""]
    return f"{', '.join(most)} and {last}" if most else last
