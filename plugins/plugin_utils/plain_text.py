# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A text that may come from a node, as it may be printed: a broken or hostile node must not command the terminal."""

from __future__ import annotations

_LONGEST = 2000


def plain(text: object, longest: int = _LONGEST) -> str:
    """Return a text with everything escaped that is not printable, line breaks included, and not too long."""
    return _printable(str(text)[:longest])


def plain_lines(text: str) -> str:
    """Return a text with everything escaped that is not printable, but with its line breaks."""
    return "\n".join(line if line.isprintable() else _printable(line) for line in text.split("\n"))


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
