# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One probe of one port: connect, shake hands, ask, and say what was seen (standard library only)."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import io
import json
import re
import selectors
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.observations import (
    Kind,
    Observation,
    Stage,
    failure,
)

_MOST_OF_A_BODY = 1 << 20
_MOST_OF_A_DETAIL = 160
_SHORTEST_WAIT = 0.1
_TITLE = re.compile(rb"<title>(.*?)</title>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Target:
    """Where to ask. C(host) is the URL's host (SNI, name check, Host header), C(address) what is dialled."""

    host: str
    port: int
    address: str

    def __str__(self) -> str:
        """Write what is dialled as in a URL."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True)
class Request:
    """What to ask. C(path) includes the query."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


class _Peer(NamedTuple):
    tls_version: str | None = None
    fingerprint_sha256: str | None = None


def observe(target: Target, context: ssl.SSLContext | None, request: Request, timeout: float) -> Observation:
    """Ask once; without a context in plain HTTP. Every failure is an observation, none is raised.

    C(timeout), in seconds, holds for each address that is tried, and again for handshake and answer together.
    """
    stage = Stage.CONNECTING
    peer = _Peer()
    try:
        with socket.create_connection((target.address, target.port), timeout) as connection:
            deadline = time.monotonic() + timeout
            if context is None:
                stage = Stage.ANSWER
                return _answer(connection, target, request, deadline)
            stage = Stage.HANDSHAKE
            with context.wrap_socket(connection, server_hostname=target.host, do_handshake_on_connect=False) as tls:
                tls.do_handshake()
                peer = _peer(tls)
                stage = Stage.ANSWER
                _await_verdict(tls, timeout - (deadline - time.monotonic()))
                return _with(peer, _answer(tls, target, request, deadline))
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        return _with(peer, failure(error, stage, str(target), timeout))


def _peer(tls: ssl.SSLSocket) -> _Peer:
    leaf = tls.getpeercert(binary_form=True)
    return _Peer(tls.version(), hashlib.sha256(leaf).hexdigest() if leaf else None)


def _with(peer: _Peer, observation: Observation) -> Observation:
    return replace(observation, tls_version=peer.tls_version, fingerprint_sha256=peer.fingerprint_sha256)


def _await_verdict(tls: ssl.SSLSocket, handshake_seconds: float) -> None:
    """Give a TLS 1.3 server the time to refuse the client before the request is sent.

    There the client's handshake is over before the server has seen its certificate (RFC 8446, section 2). A request
    that crosses the alert makes the server's system reset the connection, and the alert may be lost. An accepting
    server mostly speaks too: it sends session tickets.
    """
    if tls.version() != "TLSv1.3":
        return
    with selectors.DefaultSelector() as selector:
        selector.register(tls, selectors.EVENT_READ)
        if not selector.select(max(_SHORTEST_WAIT, 2 * handshake_seconds)):
            return
    tls.setblocking(False)
    try:
        tls.recv(1)
    except ssl.SSLWantReadError:
        return


def _answer(channel: socket.socket, target: Target, request: Request, deadline: float) -> Observation:
    connection = http.client.HTTPConnection(target.host, target.port)
    if isinstance(channel, ssl.SSLSocket):
        connection.default_port = http.client.HTTPS_PORT
    connection.sock = _Bounded(channel, deadline)
    # Where the server has ended the connection, what it said before that can still be read.
    with contextlib.suppress(ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
        connection.request(request.method, request.path, request.body, {"Connection": "close", **request.headers})
    response = connection.getresponse()
    body = response.read(_MOST_OF_A_BODY)
    if response.length and len(body) < _MOST_OF_A_BODY:
        raise http.client.IncompleteRead(body, response.length)
    content = _json(response, body)
    return Observation(
        Kind.ANSWERED, f"HTTP {response.status}", status=response.status, detail=_detail(content, body), json=content
    )


def _json(response: http.client.HTTPResponse, body: bytes) -> Any:
    if not response.headers.get_content_type().endswith("json"):
        return None
    try:
        return json.loads(body)
    except ValueError:
        return None


def _detail(content: Any, body: bytes) -> str | None:
    """Find what an error page says: Orthanc's JSON names C(Details) or C(Message), nginx's page has a title."""
    text = None
    if isinstance(content, dict):
        text = content.get("Details") or content.get("Message")
    else:
        title = _TITLE.search(body)
        text = title.group(1).decode("utf-8", "replace") if title else None
    return " ".join(text.split())[:_MOST_OF_A_DETAIL] if isinstance(text, str) else None


class _Bounded:
    """What http.client needs of a socket, with one deadline for the whole exchange."""

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self._channel = channel
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self.in_time().sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Leave the socket open: http.client closes it before the body is read."""

    def in_time(self) -> socket.socket:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._channel.settimeout(left)
        return self._channel


class _Reader(io.RawIOBase):
    def __init__(self, source: _Bounded) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._source.in_time().recv_into(buffer)
