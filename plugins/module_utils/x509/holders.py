# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose certificate it is, as the subject's serialNumber says (standard library only).

The attribute is a PrintableString of at most 64 characters (RFC 5280 appendix A.1), which has neither C(@) nor C(_) nor
letters with accents. So each other character is written as C(=) and two hex digits for each of its bytes in UTF-8.
"""

from __future__ import annotations

import hashlib
import string

NODE, CLIENT = "node", "client"
LONGEST = 64

_PRINTABLE = frozenset(string.ascii_letters + string.digits + " '()+,-./:?")


def holder_of(kind: str, name: str) -> str:
    """Return the serialNumber of a node or client; a name that is too long for it is there by its SHA-256."""
    written = "".join(_written(character) for character in name)
    if len(written) + len(kind) + 1 > LONGEST:
        written = f"sha256={hashlib.sha256(name.encode()).hexdigest()[:48]}"
    return f"{kind}:{written}"


def _written(character: str) -> str:
    if character in _PRINTABLE:
        return character
    return "".join(f"={byte:02X}" for byte in character.encode(errors="surrogatepass"))
