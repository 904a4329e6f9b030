# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder that gives Orthanc's web server what it misses in OpenSSL (standard library only)."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.civetweb.symbols import (
    ASKED,
    LINKS,
    Content,
    Finding,
    Link,
    finding,
    loadable,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files import atomic

_NOT_WANTED = Finding(None, "The folder is not wanted on this host.", None, {})


def settle(path: str, executable: str, *, wanted: bool, check_mode: bool) -> dict[str, Any]:
    """Make the folder right where it is wanted and needed, remove it where it is not; return the task's result.

    Where it cannot be told whether it is needed, the folder stays as it is.
    """
    path = os.path.normpath(path)
    here = finding(executable) if wanted else _NOT_WANTED
    before = _shown(path)
    if here.needed:
        changed = not _is_right(path, here.content) or os.path.lexists(_staged(path))
        if changed and not check_mode:
            _build(path, here.content)
    else:
        changed = os.path.lexists(path) and (here.needed is False or not wanted)
        if changed and not check_mode:
            _remove(path)
    reason = f"{here.reason} {path} works around that." if here.needed else here.reason
    return {
        "changed": changed,
        "needed": here.needed,
        "active": bool(here.needed),
        "reason": reason,
        "warnings": [reason] if changed else [],
        "library": here.library,
        "path": path,
        "diff": {"before": before, "after": _described(here.content) if changed else before},
    }


def _is_right(path: str, content: Content) -> bool:
    """Whether the folder is its owner's alone to change, others can read it, and it holds this content."""
    return _is(path, stat.S_IFDIR, 0o755) and all(_holds(os.path.join(path, name), content[name]) for name in content)


def _build(path: str, content: Content) -> None:
    """Make the folder right. What is new is loaded in a process of its own before it is put in place."""
    _refuse_strangers(path)
    staged = _staged(path)
    shutil.rmtree(staged, ignore_errors=True)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    atomic.make_folder(staged, 0o755)
    try:
        for name, wanted in content.items():
            if isinstance(wanted, Link):
                os.symlink(wanted.target, os.path.join(staged, name))
            else:
                atomic.write_file(os.path.join(staged, name), wanted, mode=0o644)
        _check_loads(staged, content)
        atomic.make_folder(path, 0o755, os.geteuid())
        for name in content:
            os.replace(os.path.join(staged, name), os.path.join(path, name))
        atomic.sync_folder(path)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _staged(path: str) -> str:
    return f"{path}.new"


def _remove(path: str) -> None:
    """Remove the folder; one that holds anything else is an error."""
    _refuse_strangers(path)
    for name in LINKS:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(path, name))
    os.rmdir(path)


def _check_loads(folder: str, content: Content) -> None:
    questions = [(os.path.join(folder, name), ASKED if isinstance(content[name], bytes) else "") for name in content]
    for (library, name), usable in zip(questions, loadable(questions), strict=True):
        if not usable:
            raise OrthancTlsError(
                f"{library} was written but cannot be used ({name or 'it does not load'}); "
                "is the file system mounted noexec, or is OpenSSL being replaced right now?"
            )


def _refuse_strangers(path: str) -> None:
    if os.path.isdir(path):
        strangers = sorted(set(os.listdir(path)) - set(LINKS))
        if strangers:
            raise OrthancTlsError(
                f"{path} holds {', '.join(strangers[:5])}, which this collection did not put there; "
                "name a folder that is for this alone."
            )


def _holds(path: str, wanted: bytes | Link) -> bool:
    if isinstance(wanted, Link):
        return os.path.islink(path) and os.readlink(path) == wanted.target
    if not _is(path, stat.S_IFREG, 0o644):
        return False
    with open(path, "rb") as file:
        return file.read(len(wanted) + 1) == wanted


def _is(path: str, kind: int, mode: int) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return status.st_mode == kind | mode and status.st_uid == os.geteuid()


def _shown(path: str) -> str:
    if not os.path.isdir(path):
        return ""
    return _described({name: _entry(os.path.join(path, name)) for name in sorted(os.listdir(path))})


def _entry(path: str) -> bytes | Link:
    if os.path.islink(path):
        return Link(os.readlink(path))
    if not os.path.isfile(path):
        return b""
    with open(path, "rb") as file:
        return file.read()


def _described(content: Content) -> str:
    return "".join(
        f"{name} -> {entry.target}\n"
        if isinstance(entry, Link)
        else f"{name} sha256 {hashlib.sha256(entry).hexdigest()}\n"
        for name, entry in content.items()
    )
