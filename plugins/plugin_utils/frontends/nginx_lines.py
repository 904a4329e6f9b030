# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of the user's own for nginx: whole directives, so that none of ours becomes a part of theirs."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.directives import incomplete

_VARIABLE = "frontend_nginx_lines"


def nginx_lines(value: Any) -> list[str]:
    """Return the texts of the variable, a list or one text; what is not whole is an error."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
        raise OrthancTlsError(f"{_VARIABLE} must be a list of texts, each with whole lines of nginx's configuration.")
    lines = [str(text).strip("\n") for text in texts if text.strip()]
    for number, text in enumerate(lines, 1):
        if why := incomplete(text):
            raise OrthancTlsError(
                f"{_VARIABLE}: in entry {number}, {why}. Each entry must hold whole directives, such as "
                "'add_header X-Site north always;', or whole blocks."
            )
    return lines
