# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write files, links and folders so that nobody sees half of one, or a key too early (standard library only)."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def write_file(
    path: str, data: bytes, *, mode: int, owner: str | int | None = None, group: str | int | None = None
) -> None:
    """Replace C(path) by C(data): the old file or the new one, on disk, never readable beyond C(mode)."""
    uid, gid = _ids(owner, group)
    temporary = _beside(path)
    with _explained("write", path), _removed_on_failure(temporary):
        _write_new(temporary, data, mode, uid, gid)
        os.rename(temporary, path)
        sync_folder(os.path.dirname(path))


def create_file(
    path: str, data: bytes, *, mode: int, owner: str | int | None = None, group: str | int | None = None
) -> None:
    """Write a file that is not there yet, never readable beyond C(mode), in a folder that nobody reads meanwhile.

    The content is on disk then; the name is once the folder is synced.
    """
    uid, gid = _ids(owner, group)
    with _explained("write", path):
        _write_new(path, data, mode, uid, gid)


def swap_link(link: str, target: str, moment: AbstractContextManager[object] | None = None) -> None:
    """Point the symbolic link C(link) to C(target) by one rename, whether it was there or not, in a given moment."""
    temporary = _beside(link)
    with _explained("link", link), _removed_on_failure(temporary):
        os.symlink(target, temporary)
        with moment or contextlib.nullcontext():
            os.rename(temporary, link)
        sync_folder(os.path.dirname(link))


def make_folder(path: str, mode: int, owner: str | int | None = None, group: str | int | None = None) -> bool:
    """Make the folder if it is missing, give it owner, group and mode; return whether anything changed.

    The parent must be there. A link or a file in its place is an error.
    """
    uid, gid = _ids(owner, group)
    with _explained("make the folder", path):
        made = _made(path)
        descriptor = os.open(path, _FOLDER)
        try:
            before = _ownership(descriptor)
            os.fchown(descriptor, uid, gid)
            os.fchmod(descriptor, mode)
            changed = made or _ownership(descriptor) != before
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if made:
            sync_folder(os.path.dirname(path))
    return changed


def sync_folder(path: str) -> None:
    """Make renames in a folder last through a power cut."""
    descriptor = os.open(path or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def uid_of(name: str | int) -> int:
    """Return a user's number; a number, also as text, is taken as it is."""
    if isinstance(name, int) or name.isdigit():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError as error:
        raise OrthancTlsError(f"There is no user {name!r} on this host; create it, or set another owner.") from error


def gid_of(name: str | int) -> int:
    """Return a group's number; a number, also as text, is taken as it is."""
    if isinstance(name, int) or name.isdigit():
        return int(name)
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError as error:
        raise OrthancTlsError(f"There is no group {name!r} on this host; create it, or set another group.") from error


def number_if_known(number_of: Callable[[str], int], name: str, tolerant: bool) -> int | None:
    """Return what C(uid_of) or C(gid_of) returns. Where C(tolerant), as in check mode, C(None) for an unknown name."""
    try:
        return number_of(name)
    except OrthancTlsError:
        if tolerant:
            return None
        raise


def _ids(owner: str | int | None, group: str | int | None) -> tuple[int, int]:
    return (-1 if owner is None else uid_of(owner)), (-1 if group is None else gid_of(group))


def _write_new(path: str, data: bytes, mode: int, uid: int, gid: int) -> None:
    with open(os.open(path, _NEW_FILE, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fchown(file.fileno(), uid, gid)
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())


def _made(path: str) -> bool:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return False
    return True


def _ownership(descriptor: int) -> tuple[int, int, int]:
    status = os.fstat(descriptor)
    return status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)


def _beside(path: str) -> str:
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.{os.urandom(6).hex()}")


@contextlib.contextmanager
def _removed_on_failure(path: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        raise


@contextlib.contextmanager
def _explained(verb: str, path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OrthancTlsError(f"Cannot {verb} {path}: {error.strerror}.") from error
