# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before a TLS 1.3 server has accepted the client's certificate, the probe sends no request, and it waits in time."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time

import pytest
from tls_servers import Behaviour, ca, combined, http, node, request_of, server_context, serving

from ansible_collections.openimaging.orthanc.plugins.module_utils.tls import client as tls_client
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.client import Request, Target
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.context import TlsSettings, client_context
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.observations import Kind, Observation

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def asked(port: int, *, certificate: bool = True, maximum: str = "1.3", timeout: float = 3.0) -> Observation:
    pem = combined(node()) if certificate else None
    context = client_context(TlsSettings("1.2", maximum, ca().cert_pem.decode(), certificate=pem))
    return tls_client.observe(Target("node.example", port, "127.0.0.1"), context, Request("GET", "/", {}), timeout)


class Slow:
    """A TLS 1.3 server that demands a certificate, and waits before its hello and before its verdict.

    C(early) is what the client sent meanwhile, C(late) what it sent after a refusal.
    """

    def __init__(self, hello: float, verdict: float) -> None:
        self._hello, self._verdict = hello, verdict
        self._context = server_context(client_ca=ca(), minimum=V13)
        self._context.num_tickets = 0
        self.early = self.late = b""

    def __call__(self, connection: socket.socket) -> None:
        connection.settimeout(8)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self._context.wrap_bio(incoming, outgoing, server_side=True)
        refused = done = False
        while not (done or refused):
            try:
                tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                if outgoing.pending > 0:
                    time.sleep(self._hello)
                    connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
            except ssl.SSLError:
                refused = True
        if select.select([connection], [], [], self._verdict)[0]:
            self.early = connection.recv(65536)
        connection.sendall(outgoing.read())
        if refused:
            with contextlib.suppress(ConnectionError):
                self.late = connection.recv(65536)
        else:
            self._answered(tls, incoming, outgoing, connection)

    def _answered(
        self, tls: ssl.SSLObject, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, to: socket.socket
    ) -> None:
        incoming.write(self.early or to.recv(65536))
        tls.read(65536)
        tls.write(http("200 OK"))
        to.sendall(outgoing.read())


@pytest.mark.parametrize(("hello", "verdict"), [(0, 0.06), (0.3, 0.45)], ids=["near", "far"])
def test_no_request_is_sent_before_a_refusal_nor_after_it(hello: float, verdict: float) -> None:
    server = Slow(hello, verdict)
    with serving(server) as port:
        refusal = asked(port, certificate=False)
    assert refusal.alert == "certificate_required"
    assert (server.early, server.late) == (b"", b"")


def test_a_server_that_accepts_without_a_word_is_asked_soon() -> None:
    server = Slow(0, 5)
    with serving(server) as port:
        began = time.monotonic()
        assert asked(port).status == 200
        assert time.monotonic() - began < 2
    assert server.early, "the request came on its own"


def quick(context: ssl.SSLContext) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as channel:
            request_of(channel)
            channel.sendall(http("200 OK"))

    return behave


def test_in_tls_1_2_there_is_nothing_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_client, "_SHORTEST_WAIT", 1.0)
    with serving(quick(server_context(client_ca=ca(), maximum=V12))) as port:
        began = time.monotonic()
        assert asked(port, maximum="1.2").status == 200
        assert time.monotonic() - began < 0.9


def test_where_the_time_is_over_before_the_request_that_is_what_is_seen() -> None:
    with serving(Slow(0.3, 5)) as port:
        late = asked(port, timeout=0.5)
    assert (late.kind, late.text) == (
        Kind.FAILED,
        f"no answer from 127.0.0.1:{port} within 0.5 s after the connection was made",
    )
