# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shared library that gives a function of another library a second name (standard library only).

In C it is one line, and a compiler on every node. The library is small enough to be written directly (ELF-64, little
endian: System V gABI, chapters 4 and 5, and its supplements for AMD64 and AArch64): two symbols, one relocation, one
jump. The same names always yield the same bytes, so a file on disk is checked by comparing it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_PAGE = 0x10000  # the largest page size of the processors below
_HEADER, _PROGRAM_HEADER, _SYMBOL, _RELOCATION, _CODE = 64, 56, 24, 24, 16
_LOAD, _DYNAMIC, _GNU_STACK = 1, 2, 0x6474E551
_EXECUTE, _WRITE, _READ = 1, 2, 4
_NEEDED, _HASH, _STRINGS, _SYMBOLS, _RELOCATIONS, _RELOCATIONS_SIZE, _RELOCATION_SIZE = 1, 4, 5, 6, 7, 8, 9
_STRINGS_SIZE, _SYMBOL_SIZE = 10, 11
_GLOBAL_FUNCTION = 0x12
_DEFINED = 1  # any section number says so; there is no section table to point into
_ONE_BUCKET = struct.pack("<6I", 1, 3, 2, 0, 0, 0)  # a hash table in which every look-up meets symbol 2


def _jump_amd64(distance: int) -> bytes:
    """C(endbr64; jmp *slot(%rip)), where rip stands behind these ten bytes."""
    return b"\xf3\x0f\x1e\xfa\xff\x25" + struct.pack("<i", distance - 10)


def _jump_arm64(distance: int) -> bytes:
    """C(bti c; adr x16, slot; ldr x16, [x16]; br x16), where adr counts from itself."""
    offset = distance - 4
    adr = 0x10000010 | (offset & 3) << 29 | (offset >> 2 & 0x7FFFF) << 5
    return struct.pack("<4I", 0xD503245F, adr, 0xF9400210, 0xD61F0200)


@dataclass(frozen=True)
class _Processor:
    """What differs between processors: the ELF machine, the relocation that fills a pointer, the jump through it."""

    machine: int
    pointer_relocation: int
    jump: Callable[[int], bytes]


_PROCESSORS = {processor.machine: processor for processor in (
    _Processor(62, 6, _jump_amd64),
    _Processor(183, 1025, _jump_arm64),
)}  # fmt: skip


def alias_library(*, needed: str, existing: str, alias: str, like: bytes) -> bytes:
    """Return a library that loads C(needed) and defines C(alias), a call of which goes on to C(existing).

    C(like) is the beginning (64 bytes) of a library for the same processor. Where neither C(needed) nor a library that
    it loads exports C(existing), the dynamic linker refuses to load the result. Only amd64 and arm64 are known.
    """
    processor = _processor(like)
    names = ("", existing, alias, needed)
    strings = b"".join(name.encode() + b"\0" for name in names)
    _empty, existing_at, alias_at, needed_at = (sum(len(before) + 1 for before in names[:n]) for n in range(len(names)))

    symbols_at = _HEADER + 4 * _PROGRAM_HEADER
    relocation_at = symbols_at + 3 * _SYMBOL
    hash_at = relocation_at + _RELOCATION
    code_at = hash_at + len(_ONE_BUCKET)
    strings_at = code_at + _CODE
    dynamic_at = _aligned(strings_at + len(strings))
    tags = (
        (_NEEDED, needed_at), (_HASH, hash_at), (_STRINGS, strings_at), (_STRINGS_SIZE, len(strings)),
        (_SYMBOLS, symbols_at), (_SYMBOL_SIZE, _SYMBOL),
        (_RELOCATIONS, relocation_at), (_RELOCATIONS_SIZE, _RELOCATION), (_RELOCATION_SIZE, _RELOCATION), (0, 0),
    )  # fmt: skip
    dynamic = b"".join(struct.pack("<QQ", *tag) for tag in tags)
    slot_at = dynamic_at + len(dynamic)

    code = processor.jump(_PAGE + slot_at - code_at).ljust(_CODE, b"\0")
    symbols = (
        bytes(_SYMBOL)
        + struct.pack("<IBBHQQ", existing_at, _GLOBAL_FUNCTION, 0, 0, 0, 0)
        + struct.pack("<IBBHQQ", alias_at, _GLOBAL_FUNCTION, 0, _DEFINED, code_at, _CODE)
    )
    relocation = struct.pack("<QQq", _PAGE + slot_at, 1 << 32 | processor.pointer_relocation, 0)
    program_headers = (
        _program_header(_LOAD, _READ | _EXECUTE, 0, dynamic_at, page=0)
        + _program_header(_LOAD, _READ | _WRITE, dynamic_at, len(dynamic) + 8, page=_PAGE)
        + _program_header(_DYNAMIC, _READ | _WRITE, dynamic_at, len(dynamic), page=_PAGE)
        # A library without this header asks for an executable stack, which glibc 2.41 refuses.
        + _program_header(_GNU_STACK, _READ | _WRITE, 0, 0, page=0)
    )
    text = _header(processor.machine) + program_headers + symbols + relocation + _ONE_BUCKET + code + strings
    return text.ljust(dynamic_at, b"\0") + dynamic + bytes(8)


def _processor(like: bytes) -> _Processor:
    machine = struct.unpack_from("<H", like, 18)[0] if like[:6] == b"\x7fELF\x02\x01" else None
    if machine not in _PROCESSORS:
        raise OrthancTlsError(
            "The libraries of this host are neither for amd64 nor for arm64, the processors that a library can be "
            "written for here; use an Orthanc whose web server needs none, or let another server speak TLS in front."
        )
    return _PROCESSORS[machine]


def _aligned(offset: int) -> int:
    return offset + -offset % 16


def _header(machine: int) -> bytes:
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    return ident + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, _HEADER, 0, 0, _HEADER, _PROGRAM_HEADER, 4, 0, 0, 0)


def _program_header(kind: int, flags: int, offset: int, size: int, *, page: int) -> bytes:
    alignment = _PAGE if kind == _LOAD else 8
    return struct.pack("<IIQQQQQQ", kind, flags, offset, page + offset, page + offset, size, size, alignment)
