# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version an Orthanc's own program says that it is (standard library only)."""

from __future__ import annotations

import os
import re
import stat

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.ask_program import ask

_ELF = b"\x7fELF"
_LONGEST = 100  # characters
# C(/usr/sbin/Orthanc 1.12.7) (Debian), C(Orthanc 1.12.10) (upstream), C(Orthanc mainline (20260801T...))
_VERSION = re.compile(r"\S+ (?P<version>\d+(?:\.\d+)+|mainline\b.*)$", re.MULTILINE)


def orthanc_version(executable: str) -> str | None:
    """Ask the program for its version, such as C(1.12.7); None where there is no program.

    The question is put as root: a script, which could start Orthanc instead of answering, and a program that others
    could have replaced are not run, and are an error.
    """
    try:
        status = os.stat(executable)
    except (FileNotFoundError, NotADirectoryError):
        return None
    fault = _why_not_to_run(executable, status)
    if fault:
        raise OrthancTlsError(f"{executable} was not asked for its version: {fault}.")
    return read_version(ask([executable, "--version"]), executable)


def told_version(executable: str) -> str | None:
    """Return the version as C(orthanc_version) does, and None where the program cannot be asked as well."""
    try:
        return orthanc_version(executable)
    except (OrthancTlsError, OSError):
        return None


def read_version(answer: str, executable: str) -> str:
    """Read the first line of what the program prints."""
    found = _VERSION.match(answer)
    if found is None:
        raise OrthancTlsError(f"'{executable} --version' names no version of Orthanc: {answer[:_LONGEST]!r}.")
    return found["version"][:_LONGEST]


def _why_not_to_run(executable: str, status: os.stat_result) -> str | None:
    if not stat.S_ISREG(status.st_mode):
        return "it is not a file"
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "others than root can change it"
    with open(executable, "rb") as file:
        return None if file.read(len(_ELF)) == _ELF else "it is not an ELF program"
