# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a log file, which a service's own user may write (standard library only)."""

from __future__ import annotations

import os
import stat

_LINES = 15
_BYTES = 16 * 1024
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def end_of(path: str) -> str:
    """Return the last lines of a log; empty where there is none that is a file.

    C(path) may be a link to a file beside it, as Orthanc's log is. The folder belongs to the service's user, who may
    put a link to another folder, or a FIFO that nobody writes to, in its place: neither is a log.
    """
    try:
        descriptor = os.open(_beside(path), _READ)
    except OSError:
        return ""
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return ""
        data = os.pread(descriptor, _BYTES, max(0, status.st_size - _BYTES))
    finally:
        os.close(descriptor)
    return "\n".join(data.decode(errors="replace").splitlines()[-_LINES:])


def _beside(path: str) -> str:
    """Follow a link once, to the folder in which it lies."""
    folder, name = os.path.split(path)
    if os.path.islink(path):
        name = os.path.basename(os.readlink(path))
    return os.path.join(folder, name)
