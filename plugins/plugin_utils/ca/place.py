# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the CA's folder may be: a folder of its own, which belongs to this user and which nobody else can enter."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

AUTHORITIES, RETIRED, ACTIVE, PINNED, REVOKED = "authorities", "retired", "active", "pinned", "revoked"
ISSUED = "issued"
_OWN = {AUTHORITIES, RETIRED, ISSUED, ACTIVE, PINNED, REVOKED}
_MOST_NAMED = 3


def check_closed(path: str, status: os.stat_result, what: str) -> None:
    """Raise unless C(status) is of a folder of this user that nobody else can enter; C(what) names it in errors."""
    if not stat.S_ISDIR(status.st_mode):
        raise OrthancTlsError(f"{what} {path} is not a folder; name a folder.")
    if status.st_uid != os.geteuid():
        raise OrthancTlsError(
            f"{what} {path} belongs to user {status.st_uid}, and this is user {os.geteuid()}; "
            "run as its owner, or change the owner."
        )
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        raise OrthancTlsError(
            f"{what} {path} has mode {mode:04o}, open to others; chmod 0700 it, and see that nobody else has put files "
            "there."
        )


def check_place(path: str) -> None:
    """Raise unless the folder is one of ours, or can become one: without other things in it, or not there yet."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        if not os.path.isdir(os.path.dirname(path)):
            raise OrthancTlsError(
                f"The CA's folder {path} cannot be made, as {os.path.dirname(path)} is not a folder; "
                "make that one first, or correct the path."
            ) from None
        return
    except OSError as error:
        raise OrthancTlsError(f"Cannot open the CA's folder {path}: {error.strerror}; correct the path.") from error
    # First, as nobody should close a folder to others that is not the CA's.
    if stat.S_ISDIR(status.st_mode):
        _refuse_other_things(path)
    check_closed(path, status, "The CA's folder")


def listed(folder: str) -> Iterable[str]:
    """Return the names in a folder; none where it is missing."""
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _refuse_other_things(path: str) -> None:
    try:
        names = {name for name in listed(path) if not name.startswith(".")}
        ours = [os.path.join(path, name) for name in (AUTHORITIES, PINNED)]
        used = any(os.path.isdir(folder) and listed(folder) for folder in ours)
    except OSError as error:
        raise OrthancTlsError(f"Cannot open the CA's folder {path}: {error.strerror}; correct the path.") from error
    foreign = sorted(names - _OWN)
    if foreign and not used:
        named = ", ".join(foreign[:_MOST_NAMED]) + (" and more" if len(foreign) > _MOST_NAMED else "")
        raise OrthancTlsError(f"The CA's folder {path} holds {named}; name a folder for the CA alone.")
