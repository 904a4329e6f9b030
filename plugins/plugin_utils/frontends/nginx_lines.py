# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of the user's own for nginx: whole directives, so that none of ours becomes a part of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.directives import incomplete

_VARIABLE = "frontend_nginx_lines"
_EXPECTED = "it must be a list of texts, each with whole lines of nginx's configuration"


def nginx_lines(value: Any) -> list[str]:
    """Return the texts of the variable, a list or one text; what is not whole is an error."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, (list, tuple)):
        raise OrthancTlsError(f"{_VARIABLE} is {_kind(value)}; {_EXPECTED}.")
    for number, text in enumerate(texts, 1):
        if not isinstance(text, str):
            raise OrthancTlsError(f"{_VARIABLE}: entry {number} is {_kind(text)}; {_EXPECTED}.")
    lines = [str(text).strip("\n") for text in texts if text.strip()]
    for number, text in enumerate(lines, 1):
        if why := incomplete(text):
            raise OrthancTlsError(
                f"{_VARIABLE}: in entry {number}, {why}. Each entry must hold whole directives, such as "
                "'add_header X-Site north always;', or whole blocks."
            )
    return lines


def _kind(value: Any) -> str:
    return (
        "a dictionary" if isinstance(value, Mapping) else "a list" if isinstance(value, (list, tuple)) else repr(value)
    )
