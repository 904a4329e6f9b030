# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask the installed nginx about itself, and about a configuration before it is live (standard library only)."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.facts import BINARY, FOLDER, MAIN

_CANDIDATE = "candidate.conf"
_SECONDS = 60

_INCLUDE = re.compile(r"^(?P<before>[^#\n]*?)\binclude\s+(?P<quote>[\"']?)(?P<pattern>[^\s;\"']+)(?P=quote)\s*;", re.M)
_VERSION = re.compile(r"^nginx version: \S+/([\d.]+)", re.M)
_OPENSSL = re.compile(r"(?:built|running) with OpenSSL ([\d.]+)")
_COMPLAINT = re.compile(r"\[(?:emerg|alert|crit)\] (?:\d+#\d+: )?(.+)")


@dataclass(frozen=True)
class Versions:
    """C(openssl) is the library that nginx runs with, which may be newer than the one it was built with."""

    nginx: str
    openssl: str


def versions() -> Versions | None:
    """The installed nginx's versions; None where there is none."""
    if not os.path.exists(BINARY):
        return None
    said = _run("-V").stderr
    nginx, openssl = _VERSION.search(said), _OPENSSL.findall(said)
    if nginx is None or not openssl:
        raise OrthancTlsError(f"'{BINARY} -V' names no version of nginx, or none of OpenSSL: {said.strip()}")
    return Versions(nginx[1], openssl[-1])


def dump() -> str:
    """The live configuration with all its files (C(nginx -T)); raises where it does not load."""
    answer = _run("-T", "-q")
    if answer.returncode:
        raise OrthancTlsError(f"the configuration of nginx does not load: {_complaint(answer.stderr)}")
    return answer.stdout


def dump_without(site: str) -> str:
    """The live configuration with all its files (C(nginx -T)), as if the file C(site) were not there.

    Raises with file and line where that configuration, which is not this collection's, does not load.
    """
    said, complaint = _try(site, None)
    if complaint:
        raise OrthancTlsError(
            f"the configuration of nginx does not load, also without {site}: {complaint}. Repair it there."
        )
    return said


def check(site: str, candidate: bytes) -> None:
    """Raise if the live configuration would not load with C(candidate) in the place of the file C(site)."""
    complaint = _try(site, candidate)[1]
    if complaint:
        raise OrthancTlsError(f"nginx would not load with the new {site}: {complaint}. Nothing was changed.")


def _try(site: str, candidate: bytes | None) -> tuple[str, str]:
    """Dump and complaint of the live configuration with another C(site), made up beside it."""
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        for name in os.listdir(FOLDER):
            if name != MAIN:
                os.symlink(os.path.join(FOLDER, name), os.path.join(folder, name))
        stand_in = None
        if candidate is not None:
            stand_in = os.path.join(folder, _CANDIDATE)
            _write(stand_in, candidate)
        with open(os.path.join(FOLDER, MAIN), encoding="utf-8", errors="surrogateescape") as file:
            main = replace_site(file.read(), site, stand_in)
        _write(os.path.join(folder, MAIN), main.encode("utf-8", "surrogateescape"))
        answer = _run("-T", "-q", "-c", os.path.join(folder, MAIN))
    if answer.returncode == 0:
        return answer.stdout, ""
    complaint = _complaint(answer.stderr)
    if stand_in:
        complaint = complaint.replace(stand_in, site)
    return "", complaint.replace(folder, FOLDER)


def replace_site(main: str, site: str, stand_in: str | None) -> str:
    """Rewrite the main file's C(include) that takes in C(site): each file by name, C(stand_in) or nothing in its place.

    Lines keep their numbers.
    """

    def rewritten(include: re.Match[str]) -> str:
        pattern = os.path.join(FOLDER, include["pattern"])
        if not _takes_in(pattern, site):
            return include[0]
        files = sorted({*glob.glob(pattern), site})
        kept = [stand_in if file == site else file for file in files]
        return include["before"] + " ".join(f'include "{file}";' for file in kept if file)

    changed = _INCLUDE.sub(rewritten, main)
    if changed == main:
        raise OrthancTlsError(
            f"{FOLDER}/{MAIN} has no line that includes {site}; add 'include {os.path.dirname(site)}/*;' to its "
            "http block, as Debian has it."
        )
    return changed


def _takes_in(pattern: str, site: str) -> bool:
    return os.path.dirname(pattern) == os.path.dirname(site) and fnmatch.fnmatchcase(
        os.path.basename(site), os.path.basename(pattern)
    )


def _complaint(said: str) -> str:
    return "; ".join(_COMPLAINT.findall(said)) or said.strip()


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BINARY, *arguments], capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
    )
