# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of the user's on the control node: no shell, no terminal, a deadline, and its words without secrets."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain

MOST_BYTES = 256 * 1024
_MOST_CHARACTERS = 500
_SECRET_NAME = re.compile(r"TOKEN|PASS|SECRET|CREDENTIAL|API_?KEY|PRIVATE", re.IGNORECASE)
_SHORTEST_SECRET = 4
_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL)
_ASSIGNED = re.compile(
    r"((?:token|pass(?:word|wd|phrase)?|secret|authorization|api[-_]?key)\s*[:=]\s*)(?:(?:bearer|basic)\s+)?\S+",
    re.IGNORECASE,
)
HIDDEN = "(hidden)"


@dataclass(frozen=True)
class Ended:
    """How a program ended: its status, its output, its words as they may be shown, or why it was ended."""

    status: int
    output: bytes = field(repr=False)
    words: str = ""
    failure: str | None = None


def run_program(
    command: Sequence[str], standard_input: bytes, environment: Mapping[str, str], deadline: timedelta
) -> Ended:
    """Run a program and all that it starts, until it ends or the deadline has passed."""
    try:
        # In a session of its own there is no terminal on which it could ask for a password.
        process = subprocess.Popen(
            [*command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            start_new_session=True,
        )
    except OSError as error:
        return Ended(-1, b"", failure=f"cannot be run on the control node ({error.strerror})")
    with process:
        try:
            output, complaint, failure = _talk(process, standard_input, deadline)
        finally:
            # What it has started may hold its pipes open.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    words = shown(complaint.decode(errors="replace"), environment)
    return Ended(process.returncode, output, words, failure)


def shown(text: str, environment: Mapping[str, str]) -> str:
    """Return a program's words in one line, without what is secret by its name in the environment or in the text."""
    text = _ASSIGNED.sub(rf"\1{HIDDEN}", _KEY.sub(HIDDEN, text))
    for name, value in environment.items():
        if _SECRET_NAME.search(name) and len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, HIDDEN)
    line = plain(" ".join(text.split()))
    return line if len(line) <= _MOST_CHARACTERS else f"… {line[-_MOST_CHARACTERS:]}"


def _talk(process: subprocess.Popen[bytes], sent: bytes, deadline: timedelta) -> tuple[bytes, bytes, str | None]:
    """Return what it wrote to both pipes, and why it was not left to end by itself."""
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise AssertionError("all three are pipes")
    threading.Thread(target=_write, args=(process.stdin, sent), daemon=True).start()
    pieces: dict[int, bytearray] = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    end, failure = time.monotonic() + deadline.total_seconds(), None
    with selectors.DefaultSelector() as selector:
        for pipe in pieces:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map() and failure is None:
            ready = selector.select(max(0.0, end - time.monotonic()))
            if not ready and time.monotonic() >= end:
                failure = f"did not end within {int(deadline.total_seconds())} seconds"
            for key, _events in ready:
                data = os.read(key.fd, 65536)
                pieces[key.fd] += data
                if not data:
                    selector.unregister(key.fd)
                if len(pieces[key.fd]) > MOST_BYTES:
                    failure = f"wrote more than {MOST_BYTES} bytes"
    if failure is None:
        try:
            process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            failure = f"did not end within {int(deadline.total_seconds())} seconds"
    output, complaint = (bytes(piece) for piece in pieces.values())
    return output, complaint, failure


def _write(pipe: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(OSError, ValueError):
        pipe.write(data)
        pipe.close()
