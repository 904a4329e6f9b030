# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an nginx configuration says about where its servers listen, and for which names (standard library only)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.directives import (
    DEEPEST,
    Directive,
    directives,
    files_of,
    taken_in,
)

_ANY_IPV4 = "0.0.0.0"

_LISTEN = re.compile(r"(?:(?P<address>\[[^]]*\]|[^:]+):)?(?P<first>\d+)(?:-(?P<last>\d+))?")
_DEFAULT_PORT = 80
_NOT_HTTP = ("stream", "mail")
_UNIX = "unix:"


@dataclass(frozen=True)
class Listener:
    """One C(listen) of a server, or what a server without one stands for.

    C(address) and C(server_names) are as nginx writes them: C(_), C(*.example.org), C(~^www). Without any, the server
    answers to none by name.
    """

    address: str
    port: int
    file: str
    server_names: tuple[str, ...] = ()


@dataclass
class _Server:
    """What is known of a server, or of what stands C(outside) of any in a file.

    C(complete) says that the dump has all files that it includes, so that what is not among C(listens) is not said.
    """

    outside: bool = False
    complete: bool = True
    listens: list[Listener] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def listeners(self) -> Iterator[Listener]:
        for listen in self.listens:
            yield replace(listen, server_names=tuple(dict.fromkeys(self.names)))


def listeners(dump: str) -> list[Listener]:
    """Read where HTTP servers listen from the output of C(nginx -T). Unix sockets are left out."""
    files = files_of(dump)
    included: set[str] = set()
    found = [(file, server) for file in files for server in _servers(file, files, included)]
    # What a server includes is told with that server.
    told = [server for file, server in found if not (server.outside and file in included)]
    return [listen for server in told for listen in server.listeners()]


def _servers(file: str, files: Mapping[str, str], included: set[str]) -> Iterator[_Server]:
    """The HTTP servers of a file in their order; what stands outside of any comes last."""
    blocks: list[str] = []
    outside, server = _Server(outside=True), _Server()
    for directive in directives(files[file]):
        if directive is None:
            closed = blocks.pop() if blocks else ""
            if closed == "server" and not _is_foreign(blocks):
                if not server.listens and server.complete:
                    server.listens.append(Listener(_ANY_IPV4, _DEFAULT_PORT, file))
                yield server
        elif directive.opens:
            blocks.append(directive.words[0])
            server = _Server() if blocks[-1] == "server" else server
        elif blocks[-1:] == ["server"]:
            _add(directive, server, file, files, included, DEEPEST)
        elif not blocks:
            _add(directive, outside, file, {}, included, 0)
    yield outside


def _add(
    directive: Directive, server: _Server, file: str, files: Mapping[str, str], included: set[str], depth: int
) -> None:
    """Add what a directive says to its server; an C(include) by what the files say that it takes in."""
    name, values = directive.words[0], directive.words[1:]
    if name == "listen" and values:
        server.listens += listened(values[0], file)
        server.complete = server.complete and not values[0].startswith(_UNIX)
    elif name == "server_name":
        server.names += values
    elif name == "include" and values:
        found = taken_in(values[0], files) if depth else []
        server.complete = server.complete and bool(found)
        included.update(found)
        for other in found:
            for inner in _outermost(files[other]):
                _add(inner, server, other, files, included, depth - 1)


def _outermost(text: str) -> Iterator[Directive]:
    """The directives of a file that stand in no block of it."""
    depth = 0
    for directive in directives(text):
        if directive is None:
            depth -= 1
        elif directive.opens:
            depth += 1
        elif depth == 0:
            yield directive


def _is_foreign(blocks: list[str]) -> bool:
    return any(block in _NOT_HTTP for block in blocks)


def listened(value: str, file: str) -> Iterator[Listener]:
    """Read C(80), C(*:80), C([::]:80), C(192.0.2.7), C(8080-8090): address, colon, port or range, either left out."""
    if value.startswith(_UNIX):
        return
    found = _LISTEN.fullmatch(value)
    address, first, last = found.group("address", "first", "last") if found else (value, None, None)
    if address in (None, "*"):
        address = _ANY_IPV4
    for port in range(int(first or _DEFAULT_PORT), int(last or first or _DEFAULT_PORT) + 1):
        yield Listener(address, port, file)
