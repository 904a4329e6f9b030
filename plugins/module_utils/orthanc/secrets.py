# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nobody may see in Orthanc's settings: passwords, tokens, HTTP headers, and what plugins are told.

Of Orthanc's own keys all names are known. In the section of a plugin every text is a secret unless its key is known to
be harmless, as plugins take secrets under names that tell nothing, such as a connection string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.harmless_keys import (
    HARMLESS_KEYS,
    HARMLESS_SECTIONS,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.keys import KEY_TYPES

_TELLING_KEY = re.compile(
    "passw|passphrase|secret|token|credential|registeredusers|httpheaders|pin$|accountkey|accesskey|apikey|authorization",
    re.IGNORECASE,
)
_TELLING_TEXT = re.compile(
    r"://[^/?#]*@"  # a user in a URL, who may be a token
    r"|^[^/\s]*:[^/\s]*@"  # user:password@host, as of a proxy
    r"|://[^#]*\?"  # what stands in a URL's query may be a signature
    r"|(?:password|passwd|pwd|secret|token|key|sig|signature)\s*=",
    re.IGNORECASE,
)
_ORTHANC_WITH_FREE_KEYS = {"OrthancPeers"}
"""Orthanc's own sections in which plugins find keys of theirs."""

_SHORT_PEER = 3
"""Length of the short form of a peer: URL, user, password."""


@dataclass(frozen=True)
class _Place:
    """Where a value stands; C(telling) and C(harmless) say what its keys make of it, C(open) what a section does."""

    path: tuple[Any, ...]
    telling: bool
    harmless: bool
    open: bool

    def below(self, key: str) -> _Place:
        return replace(
            self,
            path=(*self.path, key),
            telling=self.telling or bool(_TELLING_KEY.search(key)),
            harmless=self.open or key in HARMLESS_KEYS,
            open=self.open or key in HARMLESS_SECTIONS,
        )

    def at(self, number: int, *, telling: bool, harmless: bool) -> _Place:
        return replace(self, path=(*self.path, number), telling=telling, harmless=harmless)


def secret_paths(settings: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The keys and list positions that lead to each secret, in the order of the settings; what is empty is none."""
    return [path for key, value in settings.items() for path in _secrets(value, _top(str(key)))]


def has_secrets(settings: Any) -> bool:
    """Whether the content of an C(orthanc.json) holds any secret; what is not made of settings may hold some."""
    return bool(secret_paths(settings)) if isinstance(settings, Mapping) else bool(settings)


def _top(key: str) -> _Place:
    own = key in KEY_TYPES
    open_section = (own and key not in _ORTHANC_WITH_FREE_KEYS) or key in HARMLESS_SECTIONS
    return _Place((key,), key == "RegisteredUsers", own or key in HARMLESS_KEYS, open_section)


def _secrets(value: Any, place: _Place) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _secrets(item, place.below(str(key)))
    elif isinstance(value, (list, tuple)):
        short_peer = _is_short_peer(value)
        for number, item in enumerate(value):
            last = short_peer and number == _SHORT_PEER - 1
            harmless = place.harmless or (short_peer and not last)
            yield from _secrets(item, place.at(number, telling=place.telling or last, harmless=harmless))
    elif value and not isinstance(value, bool) and _is_secret(value, place):
        yield place.path


def _is_secret(value: Any, place: _Place) -> bool:
    if not isinstance(value, str):
        return place.telling
    return place.telling or not place.harmless or bool(_TELLING_TEXT.search(value))


def _is_short_peer(value: Sequence[Any]) -> bool:
    return 0 < len(value) <= _SHORT_PEER and isinstance(value[0], str) and "://" in value[0]
