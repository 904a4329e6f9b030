# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TLS handshake of a client and a server in memory (standard library only)."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from collections.abc import Iterator

_FLIGHTS = 10  # more than a full handshake of any version has


def handshake(client: ssl.SSLContext, server: ssl.SSLContext, name: str | None = None) -> str | None:
    """Return the version in which a client that calls for C(name) and a server agree; C(None) where they do not end."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    waiting = set(ends)
    for _flight in range(_FLIGHTS):
        for end in ends:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
                waiting.discard(end)
        if not waiting:
            return ends[0].version()
    return None


@contextlib.contextmanager
def file_of(secret: bytes) -> Iterator[str]:
    """Give OpenSSL, which reads keys from files only, a path to read a secret from.

    On Linux it never touches a disk; elsewhere it is a file of mode 0600 that is gone afterwards.
    """
    if hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd"):
        with os.fdopen(os.memfd_create("certificate"), "wb") as memory:
            memory.write(secret)
            memory.flush()
            yield f"/proc/self/fd/{memory.fileno()}"
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(secret)
            file.flush()
            yield file.name
