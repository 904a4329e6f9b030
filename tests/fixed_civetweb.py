# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a libcivetweb that is fixed for OpenSSL 3, to test that a node with one gets no shim.

Usage: fixed_civetweb.py DEBIAN'S_LIBCIVETWEB FIXED_COPY. Where the copy lies in /usr/local/lib and ldconfig was run,
Orthanc takes it instead of Debian's.

libcivetweb looks OpenSSL's functions up by names in a table. The new name is longer than the old one, so it takes the
place of a MIME type, and the relocation that fills the table's entry (an addend of 64 bits) is made to point there.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

OLD = b"SSL_get_peer_certificate\0"
NEW = b"SSL_get1_peer_certificate\0"
ROOM = b"application/x-shockwave-flash\0"


def fixed(image: bytes) -> bytes:
    """Return the library with the new name in place of the old one."""
    if image.count(OLD) != 1 or image.count(ROOM) != 1:
        raise SystemExit("This is no libcivetweb that looks up SSL_get_peer_certificate.")
    old_at, new_at = image.index(OLD), image.index(ROOM)
    pointer = struct.pack("<Q", old_at)  # constants have the same offset in the file and in memory
    if pointer not in image:
        raise SystemExit("There is no table entry that points to SSL_get_peer_certificate.")
    image = image.replace(pointer, struct.pack("<Q", new_at))
    return image.replace(OLD, b"unused".ljust(len(OLD), b"\0")).replace(ROOM, NEW.ljust(len(ROOM), b"\0"))


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_bytes(fixed(source.read_bytes()))
