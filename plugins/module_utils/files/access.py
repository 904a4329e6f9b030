# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user of this machine may do with a file, asked as that user (standard library only)."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Sequence
from dataclasses import dataclass

READ, EXECUTE, ENTER = "read", "execute", "enter"
_MODES = {READ: os.R_OK, EXECUTE: os.X_OK, ENTER: os.R_OK | os.X_OK}


@dataclass(frozen=True)
class Needed:
    """A path that a user must be able to use, and the variable that names it.

    A C(secret) file must not be readable for others.
    """

    variable: str
    path: str
    use: str
    secret: bool = False


def faults(user: str, needed: Sequence[Needed]) -> list[str]:
    """Return in words what keeps C(user) from using each path; only root can ask for another user."""
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        return [f"schedule_user is '{user}', and there is no such user on this machine. Name one, or create it."]
    return [fault for one in needed if (fault := _fault(entry, one))]


def _fault(entry: pwd.struct_passwd, one: Needed) -> str | None:
    lead = f"{one.variable} is '{one.path}'"
    if not os.path.isabs(one.path):
        return f"{lead}, which is relative. Write an absolute path."
    if not os.path.exists(one.path):
        return f"{lead}, which does not exist. Correct the path, or create it."
    if one.use == ENTER and not os.path.isdir(one.path):
        return f"{lead}, which is not a directory. Name the directory in which the run starts."
    if one.use == EXECUTE and not os.path.isfile(one.path):
        return f"{lead}, which is not a file. Name the program ansible-playbook."
    if not _allowed(entry, one):
        return f"{lead}, which {entry.pw_name} cannot {one.use}. Give {entry.pw_name} access to it and its folders."
    mode = os.stat(one.path).st_mode
    if one.secret and stat.S_IMODE(mode) & 0o077:
        return f"{lead}, which others than its owner can use (mode {stat.S_IMODE(mode):04o}). Run: chmod 600 {one.path}"
    return None


def _allowed(entry: pwd.struct_passwd, one: Needed) -> bool:
    """Ask in a process of that user, as only the kernel knows folders, groups and access lists."""
    child = os.fork()
    if child == 0:
        status = 2
        try:
            if os.geteuid() == 0:
                os.initgroups(entry.pw_name, entry.pw_gid)
                os.setgid(entry.pw_gid)
                os.setuid(entry.pw_uid)
            wanted = os.R_OK | os.X_OK if one.use == READ and os.path.isdir(one.path) else _MODES[one.use]
            status = 0 if os.access(one.path, wanted) else 1
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
