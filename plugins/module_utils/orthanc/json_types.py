# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON values and the types that Orthanc takes, in words (standard library only)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

JSON_TYPES: dict[type, str] = {bool: "boolean", int: "whole number", str: "text", list: "list", dict: "dictionary"}


def is_a(value: Any, expected: type) -> bool:
    """Whether a value is of the JSON type that a Python type stands for."""
    if expected is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if expected is dict:
        return isinstance(value, Mapping)
    if expected is list:
        return isinstance(value, Sequence) and not isinstance(value, str)
    return isinstance(value, expected)


def json_type(value: Any) -> str:
    """The name of a value's type, as C(JSON_TYPES) has it."""
    return next((name for kind, name in JSON_TYPES.items() if is_a(value, kind)), type(value).__name__)


def found(value: Any) -> str:
    """What a value is, for a message that must not show it."""
    return "null" if value is None else f"a {json_type(value)}"


def as_text(value: Any) -> str:
    """The text that Orthanc makes of a value where it takes any: numbers and booleans as JSON writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
