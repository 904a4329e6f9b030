# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is at a path: a file, a symbolic link or nothing, and how to bring that back (standard library only)."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from dataclasses import dataclass, field

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import (
    make_folder,
    swap_link,
    sync_folder,
    write_file,
)

FILE, LINK, MISSING = "file", "link", "missing"
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class FileState:
    """What is at a path. Equal states mean that nothing has to be done.

    A file has C(sha256), C(mode), C(uid) and C(gid), a link has C(target).
    """

    kind: str
    sha256: str = ""
    mode: int = 0
    uid: int = 0
    gid: int = 0
    target: str = ""

    def __str__(self) -> str:
        """Describe it without its contents, which may hold passwords."""
        if self.kind == FILE:
            return f"file sha256 {self.sha256} mode {self.mode:04o} owner {self.uid}:{self.gid}"
        return f"link -> {self.target}" if self.kind == LINK else MISSING


@dataclass(frozen=True)
class SeenFile:
    """A state with a file's contents, and the time of its last change in seconds since 1970."""

    state: FileState
    contents: bytes = field(repr=False)
    changed_at: float


def see(path: str) -> SeenFile:
    """Look at a path without following a link there."""
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            return SeenFile(FileState(LINK, target=os.readlink(path)), b"", status.st_ctime)
        _refuse_others(path, status.st_mode)
        with open(os.open(path, _READ), "rb") as file:
            status = os.fstat(file.fileno())
            _refuse_others(path, status.st_mode)
            contents = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return SeenFile(FileState(MISSING), b"", 0)
    state = FileState(FILE, digest(contents), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
    return SeenFile(state, contents, status.st_ctime)


def put(path: str, state: FileState, contents: bytes) -> None:
    """Bring a state back by one rename, or remove what was not there. Missing folders are made with mode 0755."""
    if state.kind == MISSING:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
            sync_folder(os.path.dirname(path))
        return
    _make_folders(os.path.dirname(path))
    if state.kind == LINK:
        swap_link(path, state.target)
    else:
        write_file(path, contents, mode=state.mode, owner=state.uid, group=state.gid)


def digest(contents: bytes) -> str:
    """Return the SHA-256 of contents in hexadecimal digits."""
    return hashlib.sha256(contents).hexdigest()


def _refuse_others(path: str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise OrthancTlsError(f"{path} is neither a file nor a symbolic link; name the files in it instead.")


def _make_folders(path: str) -> None:
    if not os.path.isdir(path):
        _make_folders(os.path.dirname(path))
        make_folder(path, 0o755)
