# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether Orthanc's web server, as a host has it, gets what it asks of OpenSSL, and a folder that gives it the rest.

libcivetweb opens C(libssl.so) and C(libcrypto.so), the links for developers, and looks functions up by name. Built for
OpenSSL 1.1, it asks for C(SSL_get_peer_certificate), which OpenSSL 3 exports as C(SSL_get1_peer_certificate) alone; the
pointer stays empty, and Orthanc dies at the first HTTPS request (civetweb issue 1334). Standard library only.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TypeAlias

from ansible_collections.openimaging.orthanc.plugins.module_utils.civetweb.elf_alias import alias_library
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

ASKED, _EXPORTED = "SSL_get_peer_certificate", "SSL_get1_peer_certificate"
LINKS = ("libssl.so", "libcrypto.so")
_SECONDS = 60
# In a child: loading a library runs its code, and a broken one can end the process.
_TRY = """
import ctypes, json, sys
def found(library, name):
    try:
        return hasattr(ctypes.CDLL(library), name) if name else bool(ctypes.CDLL(library))
    except OSError:
        return False
print(json.dumps([found(*pair) for pair in json.loads(sys.argv[1])]))
"""


@dataclass(frozen=True)
class Link:
    """A symbolic link's target."""

    target: str


Content: TypeAlias = "dict[str, bytes | Link]"


@dataclass(frozen=True)
class Finding:
    """What Orthanc's web server needs on this host.

    C(needed) is None where it cannot be told; C(content) is what the folder has to hold, by name.
    """

    needed: bool | None
    reason: str
    library: str | None
    content: Content


def finding(executable: str) -> Finding:
    """Look at Orthanc, its web server and OpenSSL, as the dynamic linker puts them together on this host."""
    if not _is_program(executable):
        return Finding(None, f"There is no program {executable} (yet) whose web server can be looked at.", None, {})
    libraries = _libraries(executable)
    civetweb = _library(libraries, "libcivetweb.so.")
    if civetweb is None:
        return Finding(False, f"{executable} brings its own web server along and needs no help.", None, {})
    libssl, libcrypto = (_library(libraries, f"{link}.") for link in LINKS)
    if libssl is None or libcrypto is None:
        raise OrthancTlsError(
            f"{executable} uses {civetweb}, but not OpenSSL, so it is not known which OpenSSL to give it; "
            f"look at `ldd {executable}`."
        )
    return _judged(civetweb, libssl, libcrypto)


def _judged(civetweb: str, libssl: str, libcrypto: str) -> Finding:
    opened, named = _names(civetweb)
    exported, *links_found = loadable([(libssl, ASKED), *((link, "") for link in opened)])
    missing_links = [link for link, found in zip(opened, links_found, strict=True) if not found]
    if named and not exported:
        reason = (
            f"{civetweb} asks for {ASKED}, which {libssl} lacks, so Orthanc would crash at the first HTTPS request;"
        )
        ssl: bytes | Link = _alias(libssl)
    elif missing_links:
        reason = (
            f"{civetweb} opens {' and '.join(missing_links)}, which this host lacks, so Orthanc would not start HTTPS;"
        )
        ssl = Link(libssl)
    else:
        return Finding(False, f"{civetweb} finds all it asks OpenSSL for.", civetweb, {})
    return Finding(True, reason, civetweb, {"libcrypto.so": Link(libcrypto), "libssl.so": ssl})


def loadable(questions: list[tuple[str, str]]) -> list[bool]:
    """Answer for each library whether it can be loaded and, unless the name is empty, exports it."""
    child = subprocess.run(
        [sys.executable, "-I", "-c", _TRY, json.dumps(questions)],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        env=_environment(),
        check=False,
    )
    if child.returncode != 0:
        raise OrthancTlsError(
            f"Loading {', '.join(library for library, name in questions)} failed "
            f"(exit status {child.returncode}): {child.stderr.strip()[-300:] or 'no message'}"
        )
    answers: list[bool] = json.loads(child.stdout)
    return answers


def _is_program(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"\x7fELF"
    except (FileNotFoundError, NotADirectoryError):
        return False


def _libraries(executable: str) -> dict[str, str]:
    """Return the libraries that the dynamic linker loads with a program: path by name."""
    try:
        answer = _output(["ldd", executable])
    except FileNotFoundError as error:
        raise OrthancTlsError(
            f"There is no ldd on this host to look at {executable} with; install libc-bin."
        ) from error
    lost = re.findall(r"^\s*(\S+) => not found", answer, re.MULTILINE)
    if lost:
        raise OrthancTlsError(f"{executable} cannot start: {', '.join(lost)} not found; reinstall its packages.")
    return dict(re.findall(r"^\s*(\S+) => (/\S+) \(", answer, re.MULTILINE))


def _library(libraries: dict[str, str], beginning: str) -> str | None:
    return next((path for name, path in sorted(libraries.items()) if name.startswith(beginning)), None)


def _names(civetweb: str) -> tuple[list[str], bool]:
    """Return which links a libcivetweb opens by name, and whether it asks for the function that OpenSSL 3 renamed."""
    with open(civetweb, "rb") as file:
        image = file.read()
    return [link for link in LINKS if link.encode() + b"\0" in image], ASKED.encode() + b"\0" in image


def _alias(libssl: str) -> bytes:
    with open(libssl, "rb") as file:
        like = file.read(64)
    return alias_library(needed=os.path.basename(libssl), existing=_EXPORTED, alias=ASKED, like=like)


def _output(command: list[str]) -> str:
    """Return what a command prints; a failure of its own counts as printing nothing."""
    return subprocess.run(
        command, capture_output=True, text=True, timeout=_SECONDS, env=_environment(), check=False
    ).stdout


def _environment() -> dict[str, str]:
    """Leave out what would make the dynamic linker look elsewhere than it does for a service."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("LD_")}, "LC_ALL": "C"}
