# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an nginx configuration says about where its servers listen (standard library only)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ANY_IPV4 = "0.0.0.0"

_FILE = re.compile(r"^# configuration file (.+):$", re.MULTILINE)
_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)
      | (?P<mark>[{};])
      | "(?P<double>(?:\\.|[^"\\])*)"
      | '(?P<single>(?:\\.|[^'\\])*)'
      | (?P<word>(?:\$\{[^}]*\}|\\.|[^\s{};])+)""",
    re.VERBOSE | re.DOTALL,
)
_LISTEN = re.compile(r"(?:(?P<address>\[[^]]*\]|[^:]+):)?(?P<first>\d+)(?:-(?P<last>\d+))?")
_DEFAULT_PORT = 80
_NOT_HTTP = ("stream", "mail")


@dataclass(frozen=True)
class Listener:
    """One C(listen) of a server, or what a server without one stands for. C(address) is as nginx writes it."""

    address: str
    port: int
    file: str


@dataclass(frozen=True)
class _Directive:
    words: tuple[str, ...]
    opens: bool


def listeners(dump: str) -> list[Listener]:
    """Read where HTTP servers listen from the output of C(nginx -T). Unix sockets are left out."""
    _preamble, *parts = _FILE.split(dump)
    files = zip(parts[::2], parts[1::2], strict=True)
    return [found for file, text in files for found in _file_listeners(file, text)]


def _file_listeners(file: str, text: str) -> Iterator[Listener]:
    blocks: list[str] = []
    says_where = False
    for directive in _directives(text):
        if directive is None:
            closed = blocks.pop() if blocks else ""
            if closed == "server" and not says_where and not _is_foreign(blocks):
                yield Listener(_ANY_IPV4, _DEFAULT_PORT, file)
        elif directive.opens:
            blocks.append(directive.words[0])
            says_where = says_where and blocks[-1] != "server"
        elif directive.words[0] in ("listen", "include") and not _is_foreign(blocks):
            says_where = True
            if directive.words[0] == "listen":
                yield from _listen(directive.words[1], file)


def _is_foreign(blocks: list[str]) -> bool:
    return any(block in _NOT_HTTP for block in blocks)


def _directives(text: str) -> Iterator[_Directive | None]:
    """Directives in their order; None where a block ends."""
    words: list[str] = []
    for token in _TOKEN.finditer(text):
        if token["blank"]:
            continue
        if not token["mark"]:
            words += [word for word in token.group("double", "single", "word") if word is not None]
            continue
        if token["mark"] == "}":
            yield None
        elif words:
            yield _Directive(tuple(words), token["mark"] == "{")
        words = []


def _listen(value: str, file: str) -> Iterator[Listener]:
    """Read C(80), C(*:80), C([::]:80), C(192.0.2.7), C(8080-8090): address, colon, port or range, either left out."""
    if value.startswith("unix:"):
        return
    found = _LISTEN.fullmatch(value)
    address, first, last = found.group("address", "first", "last") if found else (value, None, None)
    if address in (None, "*"):
        address = _ANY_IPV4
    for port in range(int(first or _DEFAULT_PORT), int(last or first or _DEFAULT_PORT) + 1):
        yield Listener(address, port, file)
