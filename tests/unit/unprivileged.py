# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Code run as a user without rights, for tests that may run as root: root is refused nothing by a file's mode."""

from __future__ import annotations

import os
import pwd
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def public_folder() -> Iterator[Path]:
    """Give an empty folder that any user can enter; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def as_nobody(run: Callable[[], object]) -> str:
    """Run in a child as the user nobody, and return what it returned or raised, as text."""
    readable, writable = os.pipe()
    child = os.fork()
    if not child:
        try:
            _become_nobody()
            text = str(run())
        except BaseException as error:
            text = f"{type(error).__name__}: {error}"
        os.write(writable, text.encode())
        os._exit(0)
    os.close(writable)
    with open(readable, "rb") as answer:
        text = answer.read().decode()
    os.waitpid(child, 0)
    return text


def _become_nobody() -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setresgid(nobody.pw_gid, nobody.pw_gid, nobody.pw_gid)
        os.setresuid(nobody.pw_uid, nobody.pw_uid, nobody.pw_uid)
