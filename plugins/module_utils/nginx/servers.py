# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sites of an nginx do for their clients, as far as it matters to who replaces them (standard library only).

Of headers only the names are told: a site may send a password in one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.configuration import listened
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.directives import NestedDirective, blocks

PROXY, FILES, ANSWER, PROGRAM = "proxy", "files", "answer", "program"
_OF_PATH = {
    "proxy_pass": PROXY,
    **dict.fromkeys(("fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass"), PROGRAM),
    **dict.fromkeys(("alias", "root", "try_files"), FILES),
    "return": ANSWER,
}
"""What a location does by the first of these directives that it has."""
_RULES = ("allow", "deny", "auth_request", "auth_jwt", "limit_except", "access_by_lua_block", "access_by_lua_file")
_URL = re.compile(r"(?P<scheme>https?)://(?P<host>\[[^]]*\]|[^:/]+)(?::(?P<port>[0-9]{1,5}))?")
_SERVER = re.compile(r"(?P<host>\[[^]]*\]|[^:/]+)(?::(?P<port>[0-9]{1,5}))?")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class ServedPath:
    """A C(location): its modifier and path as nginx writes them, and what it C(does).

    C(host) and C(port) are where a C(proxy) goes; empty and 0 where they are not known.
    """

    path: str
    does: str
    host: str = ""
    port: int = 0


@dataclass(frozen=True)
class SiteServer:
    """One C(server) of the HTTP sites.

    C(certificate) is the file that it serves HTTPS with, C(client_ca) the one with the CAs of client certificates, both
    empty without. C(password_files) are asked for passwords. C(rules) are other directives that decide who may come in.
    C(sent_headers) go on to where it proxies, C(added_headers) back to clients.
    """

    file: str
    ports: tuple[int, ...]
    server_names: tuple[str, ...]
    certificate: str
    client_ca: str
    password_files: tuple[str, ...]
    rules: tuple[str, ...]
    sent_headers: tuple[str, ...]
    added_headers: tuple[str, ...]
    paths: tuple[ServedPath, ...]


def servers(dump: str) -> list[SiteServer]:
    """Read the HTTP servers from the output of C(nginx -T)."""
    return [_server(block, http) for http in blocks(dump) if http.name == "http" for block in _inner(http, "server")]


def _server(server: NestedDirective, http: NestedDirective) -> SiteServer:
    # What stands outside of all servers counts for those that do not say it themselves.
    around = [block for block in http.inner or () if block.inner is None]
    own = [*server.walk()]

    def said(name: str) -> list[NestedDirective]:
        return [block for block in own if block.name == name] or [block for block in around if block.name == name]

    def values(name: str, position: int = 1) -> tuple[str, ...]:
        found = (block.words[position] for block in said(name) if len(block.words) > position)
        return tuple(dict.fromkeys(found))

    listens = [listener for value in values("listen") for listener in listened(value, server.file)]
    asks = any(value != "off" for value in values("auth_basic"))
    return SiteServer(
        server.file,
        tuple(dict.fromkeys(listener.port for listener in listens)) or (80,),
        values("server_name"),
        "".join(values("ssl_certificate")[:1]),
        "".join(values("ssl_client_certificate")[:1]) if {"on", "optional"} & {*values("ssl_verify_client")} else "",
        values("auth_basic_user_file") if asks else (),
        tuple(name for name in _RULES if said(name)),
        values("proxy_set_header"),
        values("add_header"),
        tuple(_paths(server, _upstreams(http), _variables(own))),
    )


def _paths(block: NestedDirective, upstreams: Mapping[str, str], variables: Mapping[str, str]) -> Iterator[ServedPath]:
    for location in _inner(block, "location"):
        yield _path(location, upstreams, variables)
        yield from _paths(location, upstreams, variables)


def _path(location: NestedDirective, upstreams: Mapping[str, str], variables: Mapping[str, str]) -> ServedPath:
    path = " ".join(location.words[1:])
    own = {block.name: block for block in reversed([*_without_locations(location)])}
    does = next((does for name, does in _OF_PATH.items() if name in own), FILES)
    if does != PROXY or len(own["proxy_pass"].words) < 2:
        return ServedPath(path, does)
    url = own["proxy_pass"].words[1]
    for name, value in variables.items():
        url = url.replace(name, value)
    found = _URL.match(url)
    if found is None:
        return ServedPath(path, does)
    host, port = found["host"], int(found["port"] or _PORTS[found["scheme"]])
    behind = _SERVER.match(upstreams.get(host, ""))
    if behind is not None:
        host, port = behind["host"], int(behind["port"] or 80)
    return ServedPath(path, does, host, port)


def _without_locations(block: NestedDirective) -> Iterator[NestedDirective]:
    """What is said in a location, conditions included, without what its inner locations say."""
    for one in block.inner or ():
        yield one
        if one.name != "location":
            yield from _without_locations(one)


def _upstreams(http: NestedDirective) -> dict[str, str]:
    """The first server of each upstream by the upstream's name."""
    found = {}
    for upstream in _inner(http, "upstream"):
        first = [block.words[1] for block in upstream.inner or () if block.name == "server" and len(block.words) > 1]
        found["".join(upstream.words[1:2])] = "".join(first[:1])
    return found


def _variables(own: Sequence[NestedDirective]) -> dict[str, str]:
    """What C(set) gives variables; longer names first, as one name may begin another."""
    found = {block.words[1]: block.words[2] for block in own if block.name == "set" and len(block.words) > 2}
    return {name: found[name] for name in sorted(found, key=len, reverse=True)}


def _inner(block: NestedDirective, name: str) -> list[NestedDirective]:
    return [inner for inner in block.inner or () if inner.name == name and inner.inner is not None]
