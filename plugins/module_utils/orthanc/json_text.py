# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a configuration file as Orthanc reads it (1.10 to 1.13), which is less strict than JSON.

It expands variables, and gives the rest to jsoncpp: comments, commas at the end, numbers with zeros in front, and
anything after the last brace, which is not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_TEXT = r'"(?:\\.|[^"\\])*"'
_COMMENT = re.compile(rf"{_TEXT}|//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"{_TEXT}|,(?=\s*[}}\]])", re.DOTALL)
_NUMBER = re.compile(rf"{_TEXT}|(?P<sign>-?)(?P<whole>\d+)(?P<point>\.\d*)?(?P<exponent>[eE][+-]?\d+)?", re.DOTALL)
_VARIABLE = re.compile(
    r"\$\{([^:]*?)\}"
    r"|\$\{([^:]*?):-([^'\"]*?)\}"
    r"|\$\{([^:]*?):-\"([^\"]*?)\"\}"
    r"|\$\{([^:]*?):-'([^']*?)'\}"
)


@dataclass(frozen=True)
class ParsedText:
    """What a file says. C(unread_line) is the number of the line with the first text that Orthanc does not read."""

    settings: dict[str, Any]
    unread_line: int | None


def parse(text: str, environment: Mapping[str, str], source: str) -> ParsedText:
    """Read one file's text; C(source) says in errors where it came from."""
    expanded = _VARIABLE.sub(lambda match: _value(match, environment, source), text)
    plain = _NUMBER.sub(_plain_number, _TRAILING_COMMA.sub(_texts_only, _COMMENT.sub(_texts_only, expanded)))
    start = len(plain) - len(plain.lstrip())
    try:
        settings, end = json.JSONDecoder(strict=False, parse_constant=_refuse_constant).raw_decode(plain, start)
    except ValueError as error:
        # Of the message only the place is shown: the text itself may be a password.
        place = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "its text"
        raise OrthancTlsError(f"{source} is no JSON that Orthanc could read ({place}); correct it.") from None
    if not isinstance(settings, dict):
        raise OrthancTlsError(f"{source} holds no settings; expected a JSON object.")
    rest = plain[end:]
    blank = len(rest) - len(rest.lstrip())
    return ParsedText(settings, plain.count("\n", 0, end + blank) + 1 if rest.strip() else None)


def _value(match: re.Match[str], environment: Mapping[str, str], source: str) -> str:
    plain, *with_default = match.groups()
    if plain:
        return environment.get(plain, "")
    for name, default in zip(with_default[::2], with_default[1::2], strict=True):
        if name:
            return environment.get(name, default)
    raise OrthancTlsError(f"{source} has a variable without a name, and Orthanc does not start with that; correct it.")


def _texts_only(match: re.Match[str]) -> str:
    """Keep a text in quotes; of the rest only the line breaks stay, so that errors name the right line."""
    return match[0] if match[0].startswith('"') else " " + "\n" * match[0].count("\n")


def _plain_number(match: re.Match[str]) -> str:
    """Keep a text in quotes; a number loses zeros in front, and gets a digit behind its point."""
    if match["whole"] is None:
        return match[0]
    point = f"{match['point']}0" if match["point"] == "." else match["point"] or ""
    return f"{match['sign']}{match['whole'].lstrip('0') or '0'}{point}{match['exponent'] or ''}"


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError
