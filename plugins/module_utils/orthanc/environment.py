# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Environment variables as systemd writes and reads them, which is not as a shell does (standard library only)."""

from __future__ import annotations

import re

_WORD = re.compile(r'"((?:\\.|[^"\\])*)"|(\S+)', re.DOTALL)
_ESCAPE = re.compile(r"\\([0-7]{3}|.)", re.DOTALL)
_CONTROLS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPED_IN_QUOTES = '"\\`$'
_BLANK = " \t\r\n"


def assignments(shown: str) -> dict[str, str]:
    """Read the property C(Environment) of C(systemctl show): words, in double quotes where they need it."""
    words = (match[2] if match[1] is None else _ESCAPE.sub(_unescaped, match[1]) for match in _WORD.finditer(shown))
    return dict(word.split("=", 1) for word in words if "=" in word)


def _unescaped(match: re.Match[str]) -> str:
    escaped = match[1]
    return chr(int(escaped, 8)) if len(escaped) == 3 else _CONTROLS.get(escaped, escaped)


def file_assignments(text: str) -> dict[str, str]:
    """Read the text of an environment file (systemd.exec(5), EnvironmentFile)."""
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        if text[position] in _BLANK:
            position += 1
        elif text[position] in "#;":
            position = _end_of_comment(text, position)
        else:
            line_end = _find(text, "\n", position)
            name, equals, _rest = text[position:line_end].partition("=")
            if not equals:
                position = line_end
                continue
            found[name.strip(_BLANK)], position = _value(text, position + len(name) + 1)
    return found


def _end_of_comment(text: str, position: int) -> int:
    while position < len(text) and text[position] != "\n":
        position += 2 if text[position] == "\\" else 1
    return position


def _value(text: str, position: int) -> tuple[str, int]:
    """Return the value that begins here, and where it ends: quoted parts, then plain text to the end of the line."""
    value = ""
    while position < len(text) and text[position] != "\n":
        character = text[position]
        if character == "'":
            end = _find(text, "'", position + 1)
            value, position = value + text[position + 1 : end], end + 1
        elif character == '"':
            quoted, position = _double_quoted(text, position + 1)
            value += quoted
        elif character in _BLANK:
            position += 1
        else:
            plain, position = _plain(text, position)
            value += plain
    return value, position


def _double_quoted(text: str, position: int) -> tuple[str, int]:
    value = ""
    while position < len(text) and text[position] != '"':
        if text[position] == "\\" and position + 1 < len(text):
            escaped = text[position + 1]
            value += escaped if escaped in _ESCAPED_IN_QUOTES else "" if escaped == "\n" else f"\\{escaped}"
            position += 2
        else:
            value, position = value + text[position], position + 1
    return value, position + 1


def _plain(text: str, position: int) -> tuple[str, int]:
    """Return plain text to the end of the line, without blanks at its end; quotes in it mean nothing."""
    value, kept = "", 0
    while position < len(text) and text[position] != "\n":
        if text[position] == "\\" and position + 1 < len(text):
            value += "" if text[position + 1] == "\n" else text[position + 1]
            position, kept = position + 2, len(value)
        else:
            value, position = value + text[position], position + 1
    return value[:kept] + value[kept:].rstrip(_BLANK), position


def _find(text: str, wanted: str, position: int) -> int:
    end = text.find(wanted, position)
    return len(text) if end < 0 else end
