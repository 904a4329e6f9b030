# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nobody may see in Orthanc's settings: passwords, tokens, HTTP headers, URLs with a password."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_SECRET_KEY = re.compile("passw|secret|token|registeredusers|httpheaders|pin$|accountkey|accesskey", re.IGNORECASE)
_URL_WITH_PASSWORD = re.compile("://[^/@]*:[^/@]*@|password=", re.IGNORECASE)
_PASSWORD_IN_LIST = 2
"""Where the password stands in the short form of a peer: URL, user, password."""


def secret_paths(settings: Any) -> list[tuple[Any, ...]]:
    """The keys and list positions that lead to each secret, in the order of the settings; what is empty is none."""
    return list(_secrets(settings, (), False))


def has_secrets(settings: Any) -> bool:
    """Whether a value holds any secret."""
    return bool(secret_paths(settings))


def _secrets(value: Any, path: tuple[Any, ...], secret: bool) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _secrets(item, (*path, key), secret or bool(_SECRET_KEY.search(key)))
    elif isinstance(value, (list, tuple)):
        short_peer = _is_short_peer(value)
        for number, item in enumerate(value):
            yield from _secrets(item, (*path, number), secret or (short_peer and number == _PASSWORD_IN_LIST))
    elif value and (secret or (isinstance(value, str) and _URL_WITH_PASSWORD.search(value))):
        yield path


def _is_short_peer(value: Sequence[Any]) -> bool:
    return len(value) > _PASSWORD_IN_LIST and isinstance(value[0], str) and "://" in value[0]
