# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log files of a site, for root and the group adm alone from the first line on (standard library only).

nginx creates a log that is missing with mode 0644, also when it only tests a configuration.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import gid_of

GROUP = "adm"
MODE = 0o640
_OPEN = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def readable_by_others(paths: Iterable[str]) -> list[str]:
    """Return those that are missing, or whose group or mode is another; a link or a device is left as it is.

    The owner does not count: after a rotation it is nginx's user.
    """
    gid = gid_of(GROUP)
    return [path for path in paths if _differs(path, gid)]


def make_private(paths: Sequence[str]) -> None:
    """Give log files their group and mode, and create those that are missing. What is in them stays."""
    gid = gid_of(GROUP)
    for path in paths:
        try:
            descriptor = os.open(path, _OPEN, 0o600)
            try:
                os.fchown(descriptor, -1, gid)
                os.fchmod(descriptor, MODE)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise OrthancTlsError(
                f"Cannot create {path}: {error.strerror}. nginx would create it for everybody to read; make it a file "
                f"of root's with the group {GROUP} and the mode {MODE:04o}."
            ) from error


def _differs(path: str, gid: int) -> bool:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return True
    return stat.S_ISREG(status.st_mode) and (status.st_gid, stat.S_IMODE(status.st_mode)) != (gid, MODE)
