# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence that somebody has set Orthanc up by hand: what Orthanc reads and runs, file by file, beside its packages."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.ask_program import ask
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.packages import installed
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.files import configuration_files
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.location import PLUGINS, PROGRAM
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.unit import unit_of

# dpkg(1), --verify-format rpm: nine tests, or the word missing; a c where it is a configuration file; the path.
_DIFFERS = re.compile(r"(?:[^\s/]{9}|missing)\s+(?:c\s+)?(?P<path>/.*)")
_SUFFIX = ".json"
_NOBODY_OWNS_ONE = 1  # dpkg-query(1): a path that was asked for is of no package; the others are answered all the same
_NO_PATTERN = re.compile(r"[^*?\[\]\\]+")  # what dpkg-query --search takes as it is


@dataclass(frozen=True)
class HandMade:
    """Files that Orthanc reads and that are not as a package has brought them, as absolute paths.

    C(changed) are a package's own whose content differs or that are missing; C(extra) are of no package. C(binaries)
    are Orthanc's program and plugins where they are not a package's, such as those that Orthanc's authors offer.
    C(in_vain) are files like the first two that Orthanc does not read, edited after what it reads.
    """

    changed: tuple[str, ...]
    extra: tuple[str, ...]
    binaries: tuple[str, ...] = ()
    in_vain: tuple[str, ...] = ()


def made_by_hand(folder: str, package: str, unit: str, program: str = PROGRAM) -> HandMade:
    """Compare what a unit's Orthanc reads with what packages brought.

    C(folder) is what it reads where there is no such unit. The packages are those that own one of the files, and
    C(package), of whose files one may be missing. Of a package that is not installed nothing can have been changed.
    """
    read = _configuration(unit) or folder
    files = [file for file in configuration_files(read) if os.path.isfile(file)]
    later = _edited_later(folder, files) if read != folder else []
    plugins = [file for file in sorted(glob.glob(f"{PLUGINS}/*.so")) if not os.path.islink(file)]
    owners = _owners([*files, *later, *plugins])
    is_installed = installed([package])[package].version is not None
    owned = [owners[file] for file in [*files, *later] if file in owners]
    packages = dict.fromkeys([*([package] if is_installed else []), *owned])
    answer = ask(["dpkg", "--verify", *packages]) if packages else ""
    extra = tuple(file for file in files if file not in owners)
    is_packaged = is_installed and program not in _differing(answer)
    programs = [] if is_packaged or not os.path.isfile(program) else [program]
    binaries = (*programs, *(plugin for plugin in plugins if plugin not in owners))
    in_vain = tuple(file for file in later if file not in owners or file in _differing(answer))
    return HandMade(read_changed(answer, read, files), extra, binaries, in_vain)


def read_changed(answer: str, read: str, files: Sequence[str] = ()) -> tuple[str, ...]:
    """Read what C(dpkg --verify) says of the files, and of those missing in the folder that is read."""
    paths = _differing(answer)
    return tuple(path for path in paths if path in files or (os.path.dirname(path) == read and path.endswith(_SUFFIX)))


def _differing(answer: str) -> list[str]:
    matches = (_DIFFERS.fullmatch(line) for line in answer.split("\n"))
    return [match["path"] for match in matches if match]


def read_owners(answer: str, files: Sequence[str]) -> dict[str, str]:
    """Read which package owns a file from C(dpkg-query --search); where several do, the first."""
    owners: dict[str, str] = {}
    for line in answer.split("\n"):
        packages, colon, path = line.partition(": ")
        if colon and path in files and not packages.startswith("diversion by"):
            owners.setdefault(path, packages.split(",")[0].strip())
    return owners


def _edited_later(folder: str, files: Sequence[str]) -> list[str]:
    """Return the files of a folder that were written after all the others."""
    newest = max((os.stat(file).st_mtime_ns for file in files), default=None)
    if newest is None:
        return []
    there = [file for file in configuration_files(folder) if os.path.isfile(file) and file not in files]
    return [file for file in there if os.stat(file).st_mtime_ns > newest]


def _owners(files: Sequence[str]) -> Mapping[str, str]:
    asked = [file for file in files if _NO_PATTERN.fullmatch(file)]
    if not asked:
        return {}
    return read_owners(ask(["dpkg-query", "--search", "--", *asked], statuses=(0, _NOBODY_OWNS_ONE)), asked)


def _configuration(unit: str) -> str | None:
    """Return the file or folder that a unit gives Orthanc; None where there is no such unit, or none that starts."""
    shown = ask(["systemctl", "show", "--no-pager", "--property=LoadState", "--property=ExecStart", "--", unit])
    return unit_of(unit, shown).configuration if "LoadState=loaded" in shown.split("\n") else None
