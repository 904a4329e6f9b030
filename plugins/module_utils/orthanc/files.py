# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read configuration files as Orthanc does (1.10 to 1.13): one or several, with values of the types that it takes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.json_text import parse
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.json_types import (
    JSON_TYPES,
    as_text,
    found,
    is_a,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.keys import KEY_TYPES
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.peer_forms import peers_of

_TYPES = {**KEY_TYPES, "DicomWeb": dict}
_USERS = "RegisteredUsers"


@dataclass(frozen=True)
class ReadFiles:
    """The settings of all files. C(unread) names files and lines from which on Orthanc reads nothing."""

    settings: dict[str, Any]
    unread: list[dict[str, Any]]


def configuration_files(path: str) -> list[str]:
    """The files that Orthanc reads for the path on its command line: itself, or every *.json of a folder."""
    if not os.path.isdir(path):
        return [path]
    files = (os.path.join(path, name) for name in os.listdir(path) if os.path.splitext(name)[1].lower() == ".json")
    return sorted(file for file in files if not os.path.isdir(file))


def read_files(files: Sequence[str], environment: Mapping[str, str]) -> ReadFiles:
    """Merge the files; a top-level key that stands in two of them keeps Orthanc from starting, and is an error."""
    settings: dict[str, Any] = {}
    origin: dict[str, str] = {}
    unread = []
    for file in files:
        parsed = parse(_content(file), environment, file)
        if parsed.unread_line is not None:
            unread.append({"path": file, "line": parsed.unread_line})
        for key, value in parsed.settings.items():
            if key in origin:
                raise OrthancTlsError(
                    f"{key} stands in {origin[key]} and in {file}, and Orthanc does not start with that; "
                    "take it out of one of them."
                )
            origin[key], settings[key] = file, _checked(key, value, file)
    return ReadFiles(settings, unread)


def _checked(key: str, value: Any, file: str) -> Any:
    """Refuse what Orthanc does not start with, and bring peers and users into one form."""
    for wrong in wrong_types(key, value):
        raise OrthancTlsError(f"{file}: {wrong}, and does not start with that; correct it.")
    if key == "OrthancPeers":
        return peers_of(value, f"{file}: OrthancPeers")
    if key == "DicomWeb" and "Servers" in value:
        return {**value, "Servers": peers_of(value["Servers"], f"{file}: DicomWeb.Servers")}
    if key == _USERS:
        return {name: as_text(password) for name, password in value.items()}
    return value


def wrong_types(key: str, value: Any) -> Iterator[str]:
    """Say what of a top-level key's value is of a type with which Orthanc does not start."""
    expected = _TYPES.get(key)
    if expected is not None and not is_a(value, expected):
        yield f"{key} is {found(value)}; Orthanc takes a {JSON_TYPES[expected]} here"
    elif expected is list:
        yield from (f"{key} holds {found(item)}; Orthanc takes texts" for item in value if not is_a(item, str))
    elif key == _USERS:
        for name, password in value.items():
            if is_a(password, list) or is_a(password, dict):
                yield f"{key}.{name} is {found(password)}; Orthanc takes a text"
    elif key == "DicomWeb" and not is_a(value.get("Servers", {}), dict):
        yield f"{key}.Servers is {found(value['Servers'])}; Orthanc takes a dictionary here"


def _content(file: str) -> str:
    try:
        with open(file, encoding="utf-8-sig") as opened:
            return opened.read()
    except OSError as error:
        raise OrthancTlsError(f"Cannot read {file}: {error.strerror}; check the path and the rights.") from error
    except UnicodeDecodeError as error:
        raise OrthancTlsError(f"{file} is not written in UTF-8; correct it.") from error
