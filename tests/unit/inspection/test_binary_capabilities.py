# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File capabilities as Linux keeps them with a program."""

from __future__ import annotations

import contextlib
import errno
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.binary_capabilities import (
    FileCapabilities,
    binary_capabilities,
    read_capabilities,
)

# What setcap(8) writes on Debian 13 for cap_net_bind_service+ep.
PORT_104 = bytes.fromhex("0100000200040000000000000000000000000000")


def test_the_right_to_port_104_has_its_name() -> None:
    assert read_capabilities(PORT_104) == FileCapabilities(("cap_net_bind_service",), (), True)


def test_a_namespaced_attribute_is_read_as_well() -> None:
    attribute = b"\x00\x00\x00\x03" + PORT_104[4:] + struct.pack("<I", 100000)
    assert read_capabilities(attribute) == FileCapabilities(("cap_net_bind_service",), (), False)


def test_capabilities_of_both_words_are_named_and_unknown_ones_are_numbers() -> None:
    attribute = struct.pack("<5I", 0x02000001, 1, 1 << 12, 1 << (40 - 32) | 1 << (63 - 32), 0)
    assert read_capabilities(attribute) == FileCapabilities(
        ("cap_chown", "cap_checkpoint_restore", "63"), ("cap_net_admin",), True
    )


def test_a_program_without_any_has_none_and_a_missing_one_is_none(tmp_path: Path) -> None:
    (tmp_path / "Orthanc").touch()
    assert binary_capabilities(str(tmp_path / "Orthanc")) == FileCapabilities()
    assert binary_capabilities(str(tmp_path / "nosuch")) is None
    assert binary_capabilities(str(tmp_path / "Orthanc" / "below")) is None


def test_the_attribute_itself_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getxattr", lambda path, name: {("/o", "security.capability"): PORT_104}[path, name])
    found = binary_capabilities("/o")
    assert found and found.effective


def test_what_cannot_be_read_is_an_error_that_names_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: str, name: str) -> bytes:
        raise OSError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(os, "getxattr", refused)
    with pytest.raises(OrthancTlsError, match="capabilities of /o: Permission denied"):
        binary_capabilities("/o")


@given(st.binary())
def test_any_bytes_are_capabilities_or_an_error(attribute: bytes) -> None:
    with contextlib.suppress(OrthancTlsError):
        assert len(read_capabilities(attribute).permitted) <= 64


@given(st.sets(st.integers(0, 40)), st.booleans())
def test_every_capability_is_told_once(numbers: set[int], effective: bool) -> None:
    bits = sum(1 << number for number in numbers)
    words = (bits & 0xFFFFFFFF, 0, bits >> 32, 0)
    found = read_capabilities(struct.pack("<5I", 0x02000000 | effective, *words))
    assert len(set(found.permitted)) == len(numbers) and found.effective == effective
    assert all(name.startswith("cap_") for name in found.permitted)
