# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the files that Orthanc reads, all in one go, each whole or not at all (standard library only)."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import (
    gid_of,
    make_folder,
    number_if_known,
    sync_folder,
    uid_of,
    write_file,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.state import FILE, MISSING, SeenFile, see
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.secrets import has_secrets


@dataclass(frozen=True)
class NodeFile:
    """A file, or with C(content) C(None) a folder, as it should be; C(mode) is a number.

    C(settings) says that the content is that of an C(orthanc.json), which may hold passwords.
    """

    path: str
    mode: int
    owner: str
    group: str
    content: str | None = field(default=None, repr=False)
    settings: bool = False

    @classmethod
    def of(cls, option: Mapping[str, Any]) -> NodeFile:
        """Read one of the module's options, with the content in Base64."""
        encoded = option["content"]
        content = None if encoded is None else base64.b64decode(encoded).decode()
        return cls(**{**option, "content": content, "mode": int(option["mode"], 8)})


def install(options: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """Make files and folders what the task asks for, in its order, and return the module's result.

    In check mode owners and groups need not exist yet.
    """
    changed: list[str] = []
    before: dict[str, str | None] = {}
    for file in map(NodeFile.of, options["files"]):
        if file.content is None:
            if _folder_differs(file, tolerant=check_mode):
                changed.append(file.path)
                if not check_mode:
                    make_folder(file.path, file.mode, file.owner, file.group)
            continue
        seen = see(file.path)
        if _differs(file, seen, tolerant=check_mode):
            changed.append(file.path)
            before[file.path] = _before(file, seen)
            if not check_mode:
                write_file(file.path, file.content.encode(), mode=file.mode, owner=file.owner, group=file.group)
    for path in filter(os.path.lexists, options["absent"]):
        changed.append(path)
        if not check_mode:
            os.unlink(path)
            sync_folder(os.path.dirname(path))
    return {"changed": bool(changed), "files": changed, "before": before}


def _folder_differs(folder: NodeFile, *, tolerant: bool) -> bool:
    try:
        status = os.lstat(folder.path)
    except FileNotFoundError:
        return True
    found = (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
    return found != (
        folder.mode,
        number_if_known(uid_of, folder.owner, tolerant),
        number_if_known(gid_of, folder.group, tolerant),
    )


def _differs(file: NodeFile, seen: SeenFile, *, tolerant: bool) -> bool:
    state = seen.state
    found = (state.kind, seen.contents, state.mode, state.uid, state.gid)
    owner, group = number_if_known(uid_of, file.owner, tolerant), number_if_known(gid_of, file.group, tolerant)
    return found != (FILE, (file.content or "").encode(), file.mode, owner, group)


def _before(file: NodeFile, seen: SeenFile) -> str | None:
    """Return what was there; C(None) where that, or what is there now, holds passwords."""
    before = "" if seen.state.kind == MISSING else seen.contents.decode(errors="replace")
    hidden = file.settings and (_hides(before) or _hides(file.content or ""))
    return None if hidden else before


def _hides(text: str) -> bool:
    """Whether settings hold what nobody may see; those that cannot be read may."""
    if not text:
        return False
    try:
        return has_secrets(json.loads(text))
    except ValueError:
        return True
