# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program openssl on the control node: it verifies as OpenSSL does, and makes encryption that cryptography cannot.

What it gets, secrets too, crosses in pipes: nothing of it is in a file, in an argument or in the environment.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_SECONDS = 60
_MOST_CHARACTERS = 500


@dataclass(frozen=True)
class Piped:
    """An argument that names a pipe with these data, as a file, or in the form C(fd:{}) as a passphrase."""

    data: bytes = field(repr=False)
    form: str = "/dev/fd/{}"


@dataclass(frozen=True)
class Ran:
    """How the program ended, and what it wrote."""

    status: int
    output: bytes = field(repr=False)
    complaint: str


def run_openssl(*arguments: str | Piped, standard_input: bytes) -> Ran:
    """Run C(openssl) with these arguments, without anybody's configuration file."""
    with contextlib.ExitStack() as pipes:
        command, descriptors = ["openssl"], []
        for argument in arguments:
            if isinstance(argument, Piped):
                descriptors.append(pipes.enter_context(_reading_end(argument.data)))
                argument = argument.form.format(descriptors[-1])
            command.append(argument)
        try:
            done = subprocess.run(
                command,
                input=standard_input,
                env={**os.environ, "OPENSSL_CONF": "/dev/null"},
                pass_fds=descriptors,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise OrthancTlsError(
                "The control node has no program 'openssl', which encrypts keys and verifies what the CA signs; "
                "install Debian's package openssl there."
            ) from None
        except subprocess.TimeoutExpired:
            raise OrthancTlsError(
                f"The program 'openssl {arguments[0]}' on the control node did not end within {_SECONDS} seconds; run "
                "this again when the machine is less busy."
            ) from None
    complaint = " ".join(done.stderr.decode(errors="replace").split())[:_MOST_CHARACTERS]
    return Ran(done.returncode, done.stdout, complaint or "it said nothing")


@contextlib.contextmanager
def _reading_end(data: bytes) -> Iterator[int]:
    reader, writer = os.pipe()
    # A pipe may hold less than the data, so that the writer waits for the program.
    thread = threading.Thread(target=_write, args=(writer, data), daemon=True)
    thread.start()
    try:
        yield reader
    finally:
        os.close(reader)
        thread.join()


def _write(descriptor: int, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), open(descriptor, "wb") as file:
        file.write(data)
