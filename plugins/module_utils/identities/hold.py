# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hold on an identity that went back: until it is released, no run changes the identity (standard library only).

C(<path>/held.json), for root alone, written before anything goes back, so that no kill leaves an identity that went
back and is not held.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc, utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import sync_folder, write_file

HELD = "held.json"
_MODE = 0o600
_LONGEST_WHY = 400  # characters; a service's whole last words stand in its log


@dataclass(frozen=True)
class Hold:
    """The generation at which an identity is held, since when, and why."""

    generation: str
    since: datetime
    why: str

    @classmethod
    def begun(cls, generation: str, why: str, now: datetime) -> Hold:
        """Begin a hold; C(why) becomes one line."""
        line = " ".join(why.split())
        return cls(generation, now, line if len(line) <= _LONGEST_WHY else f"{line[:_LONGEST_WHY]} …")

    def to_arguments(self) -> dict[str, str]:
        """Return the hold as JSON can carry it."""
        return {"generation": self.generation, "since": utc_text(self.since), "why": self.why}

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> Hold:
        """Read C(to_arguments)' dictionary."""
        return cls(str(arguments["generation"]), parse_utc(arguments["since"]), str(arguments["why"]))


def read_hold(path: str) -> Hold | None:
    """Return the hold on the identity in C(path); C(None) where there is none."""
    file_path = os.path.join(path, HELD)
    try:
        with open(file_path, encoding="utf-8") as file:
            return Hold.from_arguments(json.load(file))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise OrthancTlsError(
            f"{file_path} cannot be read: {error.strerror}. Run the task as root (become)."
        ) from error
    except (ValueError, KeyError, TypeError, OrthancTlsError) as error:
        raise OrthancTlsError(
            f"{file_path} says that this identity is held, and is damaged. Nothing was changed. Release the identity "
            "(rollback.yml with rollback_release), or remove the file."
        ) from error


def write_hold(path: str, hold: Hold) -> None:
    """Hold the identity in C(path); an earlier hold is replaced."""
    text = json.dumps(hold.to_arguments(), indent=2, ensure_ascii=False).encode() + b"\n"
    write_file(os.path.join(path, HELD), text, mode=_MODE)


def remove_hold(path: str) -> None:
    """Release the identity in C(path), whatever its hold says."""
    os.unlink(os.path.join(path, HELD))
    sync_folder(path)
