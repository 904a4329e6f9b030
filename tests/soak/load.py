# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask Orthancs over mutual TLS, again and again, until a file says stop, and write down what was answered.

    python load.py plan.json

The plan has C(client) and C(ca) (PEM files, read again when they change), C(targets) (C(name), C(host), C(port),
C(server_name), C(path), C(kind)), C(pause) (seconds between the requests to one target), and the files C(ready),
C(stop) and C(result).

Of kind C(fresh), every request has a handshake and a connection of its own. Of kind C(kept), a connection is used as
long as it lasts; what fails on a connection that had worked before is tried once more on a new one, as HTTP clients do
(RFC 9110 section 9.2.2), and counts as C(retried).
"""

from __future__ import annotations

import hashlib
import http.client
import json
import ssl
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_TIMEOUT = 20
_SHOWN = 20
_TROUBLE = (OSError, http.client.HTTPException)


@dataclass
class Identity:
    """The files of the person who asks; a new context where they have changed."""

    client: Path
    ca: Path
    _stamp: tuple[int, ...] = ()
    _context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def context(self) -> ssl.SSLContext:
        stamp = (self.client.stat().st_mtime_ns, self.ca.stat().st_mtime_ns)
        if stamp != self._stamp:
            self._context = ssl.create_default_context(cafile=str(self.ca))
            self._context.load_cert_chain(self.client)
            self._stamp = stamp
        return self._context


class Connection(http.client.HTTPSConnection):
    """A connection to an address under a name of its own."""

    def __init__(self, target: dict[str, Any], context: ssl.SSLContext) -> None:
        super().__init__(target["host"], target["port"], timeout=_TIMEOUT, context=context)
        self._server_name = target["server_name"]
        self._tls_context = context

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._tls_context.wrap_socket(self.sock, server_hostname=self._server_name)

    def leaf(self) -> str:
        return hashlib.sha256(self.sock.getpeercert(binary_form=True)).hexdigest()


@dataclass
class Asked:
    """One target's story. C(gaps) are the times without an answer, from the last one before to the first one after."""

    target: dict[str, Any]
    ok: int = 0
    retried: int = 0
    failed: int = 0
    errors: list[str] = field(default_factory=list)
    fingerprints: list[str] = field(default_factory=list)
    gaps: list[tuple[float, float]] = field(default_factory=list)
    _last: float = 0
    _failing: bool = False

    def answered(self, leaf: str) -> None:
        now = time.time()
        if self._failing:
            self.gaps.append((self._last or now, now))
        self._last, self._failing = now, False
        self.ok += 1
        if leaf not in self.fingerprints:
            self.fingerprints.append(leaf)

    def refused(self, error: object) -> None:
        self.failed += 1
        self._failing = True
        if len(self.errors) < _SHOWN:
            self.errors.append(f"{time.time():.3f} {type(error).__name__}: {error}")

    def result(self) -> dict[str, Any]:
        named = {name: self.target[name] for name in ("name", "kind")}
        return named | {
            name: getattr(self, name) for name in ("ok", "retried", "failed", "errors", "fingerprints", "gaps")
        }


def main(plan: dict[str, Any]) -> None:
    stop, asked = Path(plan["stop"]), [Asked(target) for target in plan["targets"]]
    threads = [
        threading.Thread(target=_ask, args=(one, Identity(Path(plan["client"]), Path(plan["ca"])), plan["pause"], stop))
        for one in asked
    ]
    begun = time.time()
    for thread in threads:
        thread.start()
    while not all(one.ok for one in asked) and not stop.exists():
        time.sleep(0.05)
    Path(plan["ready"]).touch()
    for thread in threads:
        thread.join()
    result = {"seconds": time.time() - begun, "asked": [one.result() for one in asked]}
    Path(plan["result"]).write_text(json.dumps(result, indent=1))


def _ask(asked: Asked, identity: Identity, pause: float, stop: Path) -> None:
    kept: Connection | None = None
    while not stop.exists():
        reused = kept is not None
        connection = kept or Connection(asked.target, identity.context())
        try:
            asked.answered(_request(connection, asked.target))
        except _TROUBLE as error:
            connection.close()
            kept = None
            if reused:
                asked.retried += 1
            else:
                asked.refused(error)
                time.sleep(0.005)
            continue
        kept = connection if asked.target["kind"] == "kept" and connection.sock is not None else None
        if kept is None:
            connection.close()
        time.sleep(pause)
    if kept is not None:
        kept.close()


def _request(connection: Connection, target: dict[str, Any]) -> str:
    """Return the fingerprint of the certificate with which it was answered; anything but 200 raises."""
    if connection.sock is None:
        connection.connect()
    leaf = connection.leaf()
    connection.request("GET", target["path"], headers={"Host": target["server_name"]})
    answer = connection.getresponse()
    answer.read()
    if answer.status != http.client.OK:
        raise http.client.HTTPException(f"HTTP {answer.status}")
    return leaf


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
