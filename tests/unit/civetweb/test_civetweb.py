# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.civetweb import symbols as civetweb
from ansible_collections.openimaging.orthanc.plugins.module_utils.civetweb.shim import settle
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

BROKEN = b"\0SSL_get_peer_certificate\0"
FIXED = b"\0SSL_get1_peer_certificate\0"


def path_of(library: str) -> str:
    """Where the dynamic linker of this machine finds a library."""
    ctypes.CDLL(library)
    return next(line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if library in line)


LIBSSL, LIBCRYPTO = path_of("libssl.so.3"), path_of("libcrypto.so.3")


class Node:
    """An Orthanc with a libcivetweb of our making, as a faked ldd shows it."""

    def __init__(self, folder: Path) -> None:
        self.orthanc = folder / "Orthanc"
        self.orthanc.write_bytes(b"\x7fELF")
        self.library = folder / "libcivetweb.so.1"
        self.library.write_bytes(BROKEN)
        self.shim = folder / "lib" / "shim"
        self._bin = folder / "bin"
        self._bin.mkdir()
        self.link(f"libcivetweb.so.1 => {self.library} (0x1)")

    def link(self, *lines: str) -> None:
        openssl = (f"libssl.so.3 => {LIBSSL} (0x1)", f"libcrypto.so.3 => {LIBCRYPTO} (0x1)")
        self.show("ldd", *lines, *openssl)

    def show(self, command: str, *lines: str) -> None:
        program = self._bin / command
        program.write_text("#!/bin/sh\ncat <<'END'\n" + "".join(f"\t{line}\n" for line in lines) + "END\n")
        program.chmod(0o755)

    def settle(self, *, wanted: bool = True, check_mode: bool = False) -> dict[str, Any]:
        return settle(str(self.shim), str(self.orthanc), wanted=wanted, check_mode=check_mode)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return Node(tmp_path)


def test_a_civetweb_that_asks_for_what_openssl_3_lacks_gets_a_folder_that_answers(node: Node) -> None:
    result = node.settle()
    assert (result["changed"], result["needed"], result["active"]) == (True, True, True)
    assert str(node.library) in result["reason"] and "crash" in result["reason"] and str(node.shim) in result["reason"]
    assert civetweb.loadable([(str(node.shim / "libssl.so"), "SSL_get_peer_certificate")]) == [True]
    assert civetweb.loadable([(str(node.shim / "libssl.so"), "SSL_CTX_new")]) == [True]
    assert os.readlink(node.shim / "libcrypto.so") == LIBCRYPTO
    assert sorted(os.listdir(node.shim.parent)) == ["shim"]


def test_the_folder_can_be_read_by_all_and_written_by_its_owner(node: Node) -> None:
    previous = os.umask(0o077)
    try:
        node.settle()
    finally:
        os.umask(previous)
    assert (node.shim.stat().st_mode & 0o777, (node.shim / "libssl.so").stat().st_mode & 0o777) == (0o755, 0o644)


def test_a_second_run_changes_nothing(node: Node) -> None:
    node.settle()
    before = (node.shim / "libssl.so").stat()
    assert node.settle()["changed"] is False
    after = (node.shim / "libssl.so").stat()
    assert (after.st_ino, after.st_ctime_ns) == (before.st_ino, before.st_ctime_ns), "it may be read, which is seen too"


@pytest.mark.parametrize(
    "harm",
    [
        lambda shim: (shim / "libssl.so").unlink(),
        lambda shim: (shim / "libssl.so").write_bytes(b"\x7fELF"),
        lambda shim: (shim / "libssl.so").chmod(0o666),
        lambda shim: (shim / "libcrypto.so").unlink(),
        lambda shim: ((shim / "libcrypto.so").unlink(), (shim / "libcrypto.so").symlink_to("/gone")),
        lambda shim: shim.chmod(0o700),
        shutil.rmtree,
        lambda shim: shim.with_name("shim.new").mkdir(),
    ],
    ids=["no file", "cut off", "writable", "no link", "wrong link", "closed", "no folder", "killed run"],
)
def test_a_damaged_folder_is_mended(node: Node, harm: Callable[[Path], object]) -> None:
    node.settle()
    harm(node.shim)
    assert node.settle(check_mode=True)["changed"] is True
    assert node.settle()["changed"] is True
    assert node.settle()["changed"] is False
    assert civetweb.loadable([(str(node.shim / "libssl.so"), "SSL_get_peer_certificate")]) == [True]


def test_a_fixed_civetweb_gets_no_folder_and_loses_one(node: Node) -> None:
    node.settle()
    node.library.write_bytes(FIXED)
    result = node.settle()
    assert (result["changed"], result["needed"], result["active"]) == (True, False, False)
    assert not node.shim.exists()
    assert node.settle()["changed"] is False


def test_a_civetweb_that_lacks_only_the_links_gets_only_links(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.library.write_bytes(FIXED + b"libssl.so\0libcrypto.so\0")
    loadable = civetweb.loadable

    def without_links(questions: list[tuple[str, str]]) -> list[bool]:
        return [
            answer and "/" in library for (library, _symbol), answer in zip(questions, loadable(questions), strict=True)
        ]

    monkeypatch.setattr(civetweb, "loadable", without_links)
    result = node.settle()
    assert result["needed"] is True and "opens libssl.so and libcrypto.so" in result["reason"]
    assert os.readlink(node.shim / "libssl.so") == LIBSSL
    assert node.settle()["changed"] is False


def test_what_is_found_says_what_the_folder_has_to_hold_and_why(node: Node) -> None:
    lacks = civetweb.finding(str(node.orthanc))
    assert (lacks.needed, lacks.library) == (True, str(node.library))
    assert lacks.reason == (
        f"{node.library} asks for SSL_get_peer_certificate, which {LIBSSL} lacks, so Orthanc would crash at the first "
        "HTTPS request;"
    )
    assert lacks.content["libcrypto.so"] == civetweb.Link(LIBCRYPTO)
    assert isinstance(lacks.content["libssl.so"], bytes) and lacks.content["libssl.so"].startswith(b"\x7fELF")
    node.library.write_bytes(FIXED)
    fixed = civetweb.finding(str(node.orthanc))
    assert fixed == civetweb.Finding(False, f"{node.library} finds all it asks OpenSSL for.", str(node.library), {})


@pytest.mark.parametrize(
    ("image", "answers", "ssl", "words"),
    [
        (BROKEN, {civetweb.ASKED: True}, None, "finds all it asks"),
        (FIXED, {civetweb.ASKED: False}, None, "finds all it asks"),
        (FIXED + b"libssl.so\0", {"libssl.so": False}, civetweb.Link, "opens libssl.so, which this host lacks"),
        (FIXED + b"libssl.so\0libcrypto.so\0", {"libcrypto.so": False}, civetweb.Link, "opens libcrypto.so, which"),
        (FIXED + b"libssl.so\0", {"libssl.so": True}, None, "finds all it asks"),
        (BROKEN + b"libssl.so\0", {civetweb.ASKED: True, "libssl.so": False}, civetweb.Link, "opens libssl.so, which"),
        (BROKEN + b"libssl.so\0", {civetweb.ASKED: False, "libssl.so": False}, bytes, "asks for SSL_get_peer_cert"),
    ],
)
def test_the_folder_holds_the_least_that_helps(
    node: Node,
    monkeypatch: pytest.MonkeyPatch,
    image: bytes,
    answers: dict[str, bool],
    ssl: type | None,
    words: str,
) -> None:
    def answered(questions: list[tuple[str, str]]) -> list[bool]:
        return [answers.get(symbol or library, True) for library, symbol in questions]

    node.library.write_bytes(image)
    monkeypatch.setattr(civetweb, "loadable", answered)
    found = civetweb.finding(str(node.orthanc))
    assert found.needed is (ssl is not None) and words in found.reason
    assert set(found.content) == ({"libssl.so", "libcrypto.so"} if ssl else set())
    assert ssl is None or isinstance(found.content["libssl.so"], ssl)


def test_a_library_is_looked_for_as_for_a_service_whatever_this_user_s_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(LIBCRYPTO, tmp_path / "libodd.so")
    (tmp_path / "json.py").write_text("raise SystemExit(9)")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    questions = [("libodd.so", ""), (str(tmp_path / "libodd.so"), ""), (LIBSSL, "SSL_new"), (LIBSSL, "no_such")]
    assert civetweb.loadable([*questions, (str(tmp_path / "json.py"), "")]) == [False, True, True, False, False]


def test_a_library_that_ends_the_process_is_named_with_what_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(civetweb, "_TRY", "import sys; sys.exit('x' * 500 + ' torn')")
    with pytest.raises(OrthancTlsError) as error:
        civetweb.loadable([("liba.so", ""), ("libb.so", "f")])
    assert str(error.value).startswith("Loading liba.so, libb.so failed (exit status 1): xxx")
    assert str(error.value).endswith(" torn") and len(str(error.value)) < 400
    monkeypatch.setattr(civetweb, "_TRY", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(OrthancTlsError, match=r"\(exit status -11\): no message$"):
        civetweb.loadable([("liba.so", "")])


def test_an_orthanc_with_a_web_server_of_its_own_needs_nothing(node: Node) -> None:
    node.link("libm.so.6 => /lib/libm.so.6 (0x1)")
    result = node.settle()
    assert (result["changed"], result["needed"], result["library"]) == (False, False, None)


def test_without_orthanc_nothing_is_known_and_nothing_is_done(node: Node) -> None:
    node.settle()
    node.orthanc.unlink()
    result = node.settle()
    assert (result["changed"], result["needed"], result["active"]) == (False, None, False)
    assert str(node.orthanc) in result["reason"]
    assert node.shim.exists()


def test_check_mode_writes_nothing(node: Node) -> None:
    result = node.settle(check_mode=True)
    assert (result["changed"], result["active"]) == (True, True)
    assert not node.shim.parent.exists()


def test_an_unwanted_folder_goes_without_a_look_at_orthanc(node: Node) -> None:
    node.settle()
    node.show("ldd", "libcivetweb.so.1 => not found")
    assert node.settle(wanted=False, check_mode=True)["changed"] is True
    assert node.shim.exists()
    assert node.settle(wanted=False)["changed"] is True
    assert not node.shim.exists()
    assert node.settle(wanted=False)["changed"] is False


@pytest.mark.parametrize("wanted", [True, False])
def test_a_folder_with_other_files_is_left_alone(node: Node, wanted: bool) -> None:
    node.shim.mkdir(parents=True)
    (node.shim / "libc.so").write_bytes(b"")
    (node.shim / "libssl.so").write_bytes(b"theirs")
    with pytest.raises(OrthancTlsError, match=r"libc\.so"):
        node.settle(wanted=wanted)
    assert (node.shim / "libssl.so").read_bytes() == b"theirs"


def test_what_cannot_be_loaded_is_never_put_in_place(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(civetweb, "_EXPORTED", "no_such_function")
    with pytest.raises(OrthancTlsError, match="cannot be used"):
        node.settle()
    assert os.listdir(node.shim.parent) == []


def test_an_orthanc_that_cannot_start_is_an_error(node: Node) -> None:
    node.link("libcivetweb.so.1 => not found")
    with pytest.raises(OrthancTlsError, match=r"libcivetweb\.so\.1 not found"):
        node.settle()


def test_the_difference_is_shown(node: Node) -> None:
    diff = node.settle(check_mode=True)["diff"]
    assert diff["before"] == ""
    assert f"libcrypto.so -> {LIBCRYPTO}" in diff["after"] and "libssl.so sha256 " in diff["after"]
