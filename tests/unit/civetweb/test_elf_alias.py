# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ctypes
import platform
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.civetweb.elf_alias import alias_library
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

AMD64, ARM64, RISCV = 62, 183, 243
THIS_MACHINE = {"x86_64": AMD64, "aarch64": ARM64}[platform.machine()]
NAMES = st.text("abcdefghijklmnopqrstuvwxyz_.0123456789", min_size=1, max_size=200)


def elf(machine: int) -> bytes:
    return b"\x7fELF\x02\x01\x01".ljust(18, b"\0") + struct.pack("<H", machine) + bytes(44)


def libc_alias(existing: str) -> bytes:
    return alias_library(needed="libc.so.6", existing=existing, alias="other_abs", like=elf(THIS_MACHINE))


def test_a_call_of_the_alias_reaches_the_function_with_its_arguments(tmp_path: Path) -> None:
    library = tmp_path / "alias.so"
    library.write_bytes(libc_alias("abs"))
    assert ctypes.CDLL(str(library)).other_abs(-5) == 5


def test_a_library_without_the_function_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    library = tmp_path / "alias.so"
    library.write_bytes(libc_alias("no_such_function"))
    with pytest.raises(OSError, match="no_such_function"):
        ctypes.CDLL(str(library))


@pytest.mark.parametrize("machine", [AMD64, ARM64])
def test_no_executable_stack_is_asked_for(machine: int) -> None:
    image = alias_library(needed="l", existing="e", alias="a", like=elf(machine))
    headers = [struct.unpack_from("<II", image, 64 + 56 * number) for number in range(4)]
    assert (0x6474E551, 6) in headers


@given(needed=NAMES, existing=NAMES, alias=NAMES)
def test_the_jump_meets_the_pointer_that_the_dynamic_linker_fills(needed: str, existing: str, alias: str) -> None:
    amd64 = alias_library(needed=needed, existing=existing, alias=alias, like=elf(AMD64))
    arm64 = alias_library(needed=needed, existing=existing, alias=alias, like=elf(ARM64))
    code, slot = code_and_slot(amd64)
    assert slot == code + 10 + struct.unpack_from("<i", amd64, code + 6)[0]
    code, slot = code_and_slot(arm64)
    adr = struct.unpack_from("<I", arm64, code + 4)[0]
    assert slot == code + 4 + ((adr >> 5 & 0x7FFFF) << 2 | adr >> 29 & 3)


@given(needed=NAMES, existing=NAMES, alias=NAMES)
def test_the_same_names_yield_the_same_bytes(needed: str, existing: str, alias: str) -> None:
    assert alias_library(needed=needed, existing=existing, alias=alias, like=elf(AMD64)) == alias_library(
        needed=needed, existing=existing, alias=alias, like=elf(AMD64)
    )


@pytest.mark.parametrize("like", [elf(RISCV), b"", b"\x7fELF\x01\x01" + bytes(58)], ids=["riscv", "empty", "32 bits"])
def test_another_processor_is_named_as_the_reason(like: bytes) -> None:
    with pytest.raises(OrthancTlsError, match="amd64 nor for arm64"):
        alias_library(needed="l", existing="e", alias="a", like=like)


def code_and_slot(image: bytes) -> tuple[int, int]:
    symbols = 64 + 4 * 56
    code = struct.unpack_from("<Q", image, symbols + 2 * 24 + 8)[0]
    slot = struct.unpack_from("<Q", image, symbols + 3 * 24)[0]
    return code, slot
