# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find a moment in which nobody reads a file, by Linux' file leases (standard library only).

libcurl, and with it Orthanc as a client, opens its PEM twice for each connection: for the certificate, and for the
key. Replaced in between, they do not fit (C(CURLE_SSL_CERTPROBLEM), 58), and the call fails.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import threading
import time
from collections.abc import Iterator

QUIET = 0.02  # seconds; between the two openings is less than one thousandth, if the reader is not interrupted
PATIENCE = 2.0  # seconds; where readers come without a pause, there is no better moment

_F_SETOWN_EX, _F_OWNER_TID = 15, 0  # from Linux' asm-generic/fcntl.h; Python's fcntl does not have them


@contextlib.contextmanager
def unread(path: str, quiet: float = QUIET, patience: float = PATIENCE) -> Iterator[bool]:
    """Enter the block once nobody has opened the file for C(quiet) seconds, after C(patience) at the latest.

    Says whether that was so. Whoever opens the file is kept waiting for microseconds, and within the block for as long
    as it takes. Where there is no such file, or no lease on it, there is nothing to wait for. See fcntl(2), F_SETLEASE.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield False
        return
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGIO])
    try:
        yield _leased(descriptor, quiet, time.monotonic() + patience)
    finally:
        os.close(descriptor)  # and with it the lease
        signal.sigtimedwait([signal.SIGIO], 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def open_at_once(path: str, flags: int) -> int:
    """Open a file with C(O_NONBLOCK), which fails where another program holds a lease; that one lets go of it then."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return os.open(path, flags | os.O_NONBLOCK)
        except BlockingIOError:
            if time.monotonic() > end:
                raise
            time.sleep(QUIET / 10)


def _leased(descriptor: int, quiet: float, end: float) -> bool:
    """Take a lease that nobody has asked to give up for C(quiet) seconds; return whether there is one."""
    try:
        while time.monotonic() < end:
            if _unread_for(descriptor, quiet):
                return True
    except OSError:
        pass
    return False


def _unread_for(descriptor: int, quiet: float) -> bool:
    """Keep others from opening the file by a lease: the kernel sends SIGIO when somebody wants to, who gets it then."""
    # Only this thread has the signal blocked; any other would be ended by it, and the process with it. To give up a
    # lease clears this.
    fcntl.fcntl(descriptor, _F_SETOWN_EX, struct.pack("ii", _F_OWNER_TID, threading.get_native_id()))
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except BlockingIOError:  # somebody has it open
        time.sleep(quiet / 10)
        return False
    if signal.sigtimedwait([signal.SIGIO], quiet) is None:
        return True
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
