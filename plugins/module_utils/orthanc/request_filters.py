# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts that decide which requests an Orthanc answers (standard library only)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

# In Lua a function of this name; a Python script registers one by a name that ends so.
_FILTER = re.compile("IncomingHttpRequestFilter")
_ITSELF = re.compile(r"127\.0\.0\.1|localhost|::1")
_LONGEST = 1024 * 1024


def request_filters(settings: Mapping[str, Any], folder: str) -> list[dict[str, Any]]:
    """Return the scripts that filter requests, and whether each knows this machine's own address.

    C(folder) is where a relative path begins.
    """
    filters = []
    for setting, path in _scripts(settings):
        absolute = os.path.normpath(os.path.join(folder, path))
        text = _text(absolute)
        if _FILTER.search(text):
            filters.append({"setting": setting, "path": absolute, "names_itself": bool(_ITSELF.search(text))})
    return filters


def _scripts(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from (("LuaScripts", path) for path in settings.get("LuaScripts", []))
    python = settings.get("Python")
    section = python.get("Path") if isinstance(python, Mapping) else None
    for setting, path in (("PythonScript", settings.get("PythonScript")), ("Python.Path", section)):
        if isinstance(path, str) and path:
            yield setting, path


def _text(path: str) -> str:
    if not os.path.isfile(path):  # a FIFO would be waited for
        return ""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_LONGEST)
    except OSError:
        return ""
