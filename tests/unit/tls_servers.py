# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers on loopback, each with one behaviour, for tests of what a client sees."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.x509.oid import ExtendedKeyUsageOID
from made_certificates import Made, made

Behaviour = Callable[[socket.socket], None]

SYSTEM = b'{"Name": "archive", "Version": "1.12.7"}'


@cache
def ca() -> Made:
    """The CA of this fleet, the same in every test."""
    return made("CA of the fleet", ca=True)


@cache
def node(days: tuple[int, int] = (-1, 30)) -> Made:
    """A node's leaf, for server and client."""
    names = ["DNS:node.example", "IP:127.0.0.1", "IP:::1"]
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return made("node.example", ca(), names=names, days=days, usages=usages)


def combined(identity: Made) -> str:
    """Key and leaf in one PEM text."""
    return (identity.key_pem + identity.cert_pem).decode()


def server_context(
    identity: Made | None = None,
    *,
    client_ca: Made | None = None,
    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    maximum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ciphers: str | None = None,
    optional: bool = False,
) -> ssl.SSLContext:
    """A server's context; with C(client_ca) it demands a client certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = minimum, maximum
    if ciphers:
        context.set_ciphers(ciphers)
    with TemporaryDirectory() as folder:
        path = Path(folder, "server.pem")
        path.write_text(combined(identity or node()))
        context.load_cert_chain(path)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_OPTIONAL if optional else ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=client_ca.cert_pem.decode())
    return context


def http(status: str, body: bytes = b"", content_type: str = "application/json") -> bytes:
    """A whole HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def request_of(channel: socket.socket) -> bytes:
    """Read a request without a body, or the first bytes of something else than HTTP."""
    text = b""
    while b"\r\n\r\n" not in text and not text.startswith(b"\x16"):
        piece = channel.recv(65536)
        if not piece:
            break
        text += piece
    return text


def answering(answer: bytes = http("200 OK", SYSTEM), context: ssl.SSLContext | None = None) -> Behaviour:
    """Answer every request alike, over TLS with a context."""

    def behave(connection: socket.socket) -> None:
        channel = context.wrap_socket(connection, server_side=True) if context else connection
        with channel:
            request_of(channel)
            channel.sendall(answer)

    return behave


def orthanc(context: ssl.SSLContext) -> Behaviour:
    """Behave like Orthanc's HTTPS port: nothing at all is said to plain HTTP."""
    secure = answering(context=context)

    def behave(connection: socket.socket) -> None:
        if connection.recv(1, socket.MSG_PEEK) == b"\x16":
            secure(connection)
        else:
            request_of(connection)

    return behave


def nginx(context: ssl.SSLContext) -> Behaviour:
    """Behave like nginx: HTTP 400 to plain HTTP, and to a client without a certificate."""
    page = "<html><head><title>400 {}</title></head></html>"

    def refusal(text: str) -> bytes:
        return http("400 Bad Request", page.format(text).encode(), "text/html")

    def behave(connection: socket.socket) -> None:
        if connection.recv(1, socket.MSG_PEEK) != b"\x16":
            request_of(connection)
            connection.sendall(refusal("The plain HTTP request was sent to HTTPS port"))
            return
        with context.wrap_socket(connection, server_side=True) as channel:
            request_of(channel)
            known = channel.getpeercert(binary_form=True)
            channel.sendall(http("200 OK", SYSTEM) if known else refusal("No required SSL certificate was sent"))

    return behave


def resetting(connection: socket.socket) -> None:
    """Reset every connection at once."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextlib.contextmanager
def serving(behave: Behaviour, address: str = "127.0.0.1") -> Iterator[int]:
    """Serve on a free port, one thread per connection, and give the port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as listener:
        threading.Thread(target=_accept, args=(listener, behave), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def closed_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _accept(listener: socket.socket, behave: Behaviour) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _address = listener.accept()
            threading.Thread(target=_serve, args=(connection, behave), daemon=True).start()


def _serve(connection: socket.socket, behave: Behaviour) -> None:
    with connection, contextlib.suppress(OSError):
        behave(connection)
