# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence that somebody configured a Debian package's Orthanc by hand (standard library only)."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.ask_program import ask
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.packages import installed

# dpkg(1), --verify-format rpm: nine tests, or the word missing; a c where it is a configuration file; the path.
_DIFFERS = re.compile(r"(?:[^\s/]{9}|missing)\s+(?:c\s+)?(?P<path>/.*)")
_SUFFIX = ".json"


@dataclass(frozen=True)
class HandMade:
    """Configuration files in a folder that are not the package's, as absolute paths.

    C(changed) are the package's own whose content differs or that are missing; C(extra) are others beside them.
    """

    changed: tuple[str, ...]
    extra: tuple[str, ...]


def made_by_hand(folder: str, package: str, packaged: Collection[str]) -> HandMade:
    """Compare the C(*.json) of a folder with what the package brought; C(packaged) are names that packages put there.

    Of a package that is not installed nothing can have been changed.
    """
    is_installed = installed([package])[package].version is not None
    changed = read_changed(ask(["dpkg", "--verify", package]), folder) if is_installed else ()
    return HandMade(changed, _extra(folder, packaged))


def read_changed(answer: str, folder: str) -> tuple[str, ...]:
    """Read what C(dpkg --verify) says of the folder's C(*.json)."""
    matches = (_DIFFERS.fullmatch(line) for line in answer.split("\n"))
    paths = (match["path"] for match in matches if match)
    return tuple(path for path in paths if os.path.dirname(path) == folder and path.endswith(_SUFFIX))


def _extra(folder: str, packaged: Collection[str]) -> tuple[str, ...]:
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    paths = [os.path.join(folder, name) for name in names if name.endswith(_SUFFIX) and name not in packaged]
    return tuple(path for path in paths if os.path.isfile(path))
