# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read configuration files as Orthanc does (1.10 to 1.13): comments, variables, several files (standard library)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_TEXT = r'"(?:\\.|[^"\\])*"'
_COMMENT = re.compile(rf"{_TEXT}|//[^\n]*|/\*.*?\*/", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"{_TEXT}|,(?=\s*[}}\]])", re.DOTALL)
_VARIABLE = re.compile(r"\$\{([^:}]*)(?::-([^}]*))?\}")


def configuration_files(path: str) -> list[str]:
    """The files that Orthanc reads for the path on its command line: itself, or every *.json of a folder."""
    if os.path.isdir(path):
        return sorted(os.path.join(path, name) for name in os.listdir(path) if os.path.splitext(name)[1] == ".json")
    return [path]


def read_files(files: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Merge the files; a top-level key that stands in two of them keeps Orthanc from starting, and is an error."""
    settings: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for file in files:
        for key, value in parse(_content(file), environment, file).items():
            if key in origin:
                raise OrthancTlsError(
                    f"{key} stands in {origin[key]} and in {file}, and Orthanc does not start with that; "
                    "take it out of one of them."
                )
            origin[key], settings[key] = file, value
    return settings


def parse(text: str, environment: Mapping[str, str], source: str) -> dict[str, Any]:
    """Read one file's text; C(source) says in errors where it came from."""
    expanded = _VARIABLE.sub(lambda match: environment.get(match[1], match[2] or ""), text)
    plain = _TRAILING_COMMA.sub(_texts_only, _COMMENT.sub(_texts_only, expanded))
    try:
        settings = json.loads(plain, strict=False)
    except ValueError as error:
        # Of the message only the place is shown: the text itself may be a password.
        place = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "its text"
        raise OrthancTlsError(f"{source} is no JSON that Orthanc could read ({place}); correct it.") from None
    if not isinstance(settings, dict):
        raise OrthancTlsError(f"{source} holds no settings; expected a JSON object.")
    return settings


def _texts_only(match: re.Match[str]) -> str:
    """Keep a text in quotes; of the rest only the line breaks stay, so that errors name the right line."""
    return match[0] if match[0].startswith('"') else " " + "\n" * match[0].count("\n")


def _content(file: str) -> str:
    try:
        with open(file, encoding="utf-8-sig") as opened:
            return opened.read()
    except OSError as error:
        raise OrthancTlsError(f"Cannot read {file}: {error.strerror}; check the path and the rights.") from error
    except UnicodeDecodeError as error:
        raise OrthancTlsError(f"{file} is not written in UTF-8; correct it.") from error
