# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files, links and folders that this collection manages on a node, by their digests (standard library only).

No contents leave this file. A private key is not even given a digest.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.state import FILE, LINK, MISSING, see

FOLDER, OTHER = "folder", "other"
LARGEST = 4 * 1024 * 1024  # bytes
_KINDS = {stat.S_IFREG: FILE, stat.S_IFLNK: LINK, stat.S_IFDIR: FOLDER}
_KEY_NAMES = re.compile(r"key\.pem|server\.pem|.*\.key")
_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")


@dataclass(frozen=True)
class ManagedFile:
    """What is at a path; a link is not followed.

    C(kind) is C(file), C(link), C(folder), C(other) or C(missing). C(mode) is octal text such as C(0640). C(owner) and
    C(group) are names, empty where the number C(uid) or C(gid) has none. C(size) is in bytes, C(target) is a link's.
    C(sha256) is in hexadecimal digits, and None for all but files; C(fault) says why a file has none.
    """

    kind: str
    sha256: str | None = None
    mode: str | None = None
    uid: int | None = None
    gid: int | None = None
    owner: str = ""
    group: str = ""
    size: int | None = None
    target: str | None = None
    fault: str | None = None


def managed_files(paths: Sequence[str]) -> dict[str, ManagedFile]:
    """Look at each path."""
    return {path: _seen(path) for path in paths}


def _seen(path: str) -> ManagedFile:
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ManagedFile(MISSING)
    except OSError as error:
        return ManagedFile(OTHER, fault=f"cannot be looked at: {error.strerror}")
    kind = _KINDS.get(stat.S_IFMT(status.st_mode), OTHER)
    sha256, fault = _digest(path, status.st_size) if kind == FILE else (None, None)
    return ManagedFile(
        kind,
        sha256,
        f"{stat.S_IMODE(status.st_mode):04o}",
        status.st_uid,
        status.st_gid,
        _owner(status.st_uid),
        _group(status.st_gid),
        status.st_size,
        os.readlink(path) if kind == LINK else None,
        fault,
    )


def _digest(path: str, size: int) -> tuple[str | None, str | None]:
    """Return a file's digest, or None and why there is none."""
    if _KEY_NAMES.fullmatch(os.path.basename(path)):
        return None, "has the name of a private key's file, which is not read"
    if size > LARGEST:
        return None, f"has {size} bytes, and no file of this collection is larger than {LARGEST}"
    try:
        seen = see(path)
    except (OrthancTlsError, OSError) as error:
        return None, f"cannot be read: {getattr(error, 'strerror', None) or error}"
    if _KEY.search(seen.contents):
        return None, "holds a private key, of which no digest is made"
    return seen.state.sha256 or None, None


def _owner(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""
