# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one generation is: an immutable folder with key, leaf, chain, trust bundles, and a manifest of them.

Reading one takes the standard library only and loads no private key: the manifest holds the SHA-256 of every
file and what the leaf says.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.lease import open_at_once
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.state import digest
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf

KEY = "key.pem"
CERT = "cert.pem"
CHAIN = "chain.pem"
FULLCHAIN = "fullchain.pem"
SERVER = "server.pem"
CLIENT_TRUST = "client-trust.pem"
SERVER_TRUST = "server-trust.pem"
MANIFEST = "manifest.json"
LEAF_FILES = (KEY, CERT, CHAIN, FULLCHAIN, SERVER)
TRUST_FILES = (CLIENT_TRUST, SERVER_TRUST)

FILE_MODE = 0o640
FOLDER_MODE = 0o750

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Manifest:
    """A generation's table of contents: the leaf, and the SHA-256 of each file beside the manifest.

    C(replaces) is the generation that was current when this one was made. Followed from the current generation it
    leads through those that were live, and never to one that a killed run made and did not link.
    """

    leaf: Leaf
    files: dict[str, str]
    replaces: str | None = None

    @classmethod
    def of(cls, leaf: Leaf, contents: Mapping[str, bytes], replaces: str | None = None) -> Manifest:
        """Describe the given contents."""
        return cls(leaf, {name: digest(data) for name, data in sorted(contents.items())}, replaces)

    @property
    def trust_sha256(self) -> str:
        """The SHA-256 over both trust bundles, see C(trust_sha256)."""
        return _over_digests(self.files[name] for name in TRUST_FILES)

    def to_json(self) -> bytes:
        """Return the manifest's text."""
        text = {"leaf": self.leaf.to_arguments(), "files": self.files, "replaces": self.replaces}
        return json.dumps(text, indent=2).encode() + b"\n"

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Read C(to_json)'s text; anything else is an error."""
        try:
            data: dict[str, Any] = json.loads(text)
            manifest = cls(Leaf.from_arguments(data["leaf"]), dict(data["files"]), data.get("replaces"))
        except (ValueError, TypeError, KeyError, AttributeError, OrthancTlsError) as error:
            raise OrthancTlsError(f"{MANIFEST} is no manifest of a generation.") from error
        if set(manifest.files) != {*LEAF_FILES, *TRUST_FILES}:
            raise OrthancTlsError(f"{MANIFEST} does not list the files of a generation.")
        return manifest


@dataclass(frozen=True)
class Ownership:
    """Who must own the files; C(None) where that is not known yet (check mode before the group exists)."""

    uid: int | None
    gid: int | None

    def fault(self, status: os.stat_result, mode: int) -> str | None:
        """Say how a file or folder differs from this owner and group and from C(mode)."""
        actual = stat.S_IMODE(status.st_mode)
        if actual != mode:
            return f"has mode {actual:04o} instead of {mode:04o}"
        if self.uid is not None and status.st_uid != self.uid:
            return f"belongs to user {status.st_uid} instead of {self.uid}"
        if self.gid is not None and status.st_gid != self.gid:
            return f"belongs to group {status.st_gid} instead of {self.gid}"
        return None


@dataclass(frozen=True)
class Generation:
    """A generation as it is on disk; C(faults) says for each file or folder what is wrong with it."""

    folder: str
    manifest: Manifest | None
    faults: dict[str, str]

    @property
    def name(self) -> str:
        """The name of the generation's folder."""
        return os.path.basename(self.folder)

    def read(self, name: str) -> bytes:
        """Return one file's content; empty where there is none that can be read."""
        try:
            return _content(os.path.join(self.folder, name))[0]
        except OSError:
            return b""


def leaf_files(key: bytes, cert: bytes, chain: bytes) -> dict[str, bytes]:
    """Return the files that hold key and leaf; C(chain) are the leaf's issuers without the root."""
    return {KEY: key, CERT: cert, CHAIN: chain, FULLCHAIN: cert + chain, SERVER: key + cert + chain}


def read_generation(folder: str, ownership: Ownership) -> Generation:
    """Read a generation and compare every file with the manifest, the modes and the ownership."""
    faults: dict[str, str] = {}
    _compare_folder(folder, ownership, faults)
    text = _compared(folder, MANIFEST, ownership, faults)
    if text is None:
        return Generation(folder, None, faults)
    try:
        manifest = Manifest.from_json(text)
    except OrthancTlsError as error:
        return Generation(folder, None, faults | {MANIFEST: str(error)})
    for name, expected in manifest.files.items():
        data = _compared(folder, name, ownership, faults)
        if data is not None and digest(data) != expected:
            faults[name] = "is not the file that the manifest describes"
    return Generation(folder, manifest, faults)


def compare_folder(folder: str, ownership: Ownership) -> str | None:
    """Say what is wrong with a folder's kind, mode or ownership."""
    try:
        status = os.lstat(folder)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return ownership.fault(status, FOLDER_MODE) if stat.S_ISDIR(status.st_mode) else "is no folder"


def trust_sha256(trust: Mapping[str, bytes]) -> str:
    """Return one SHA-256 for both trust bundles: over the digests of client-trust.pem and server-trust.pem.

    Over the digests, as a certificate that moves from the end of one bundle to the start of the other must count.
    """
    return _over_digests(digest(trust[name]) for name in TRUST_FILES)


def _over_digests(digests: Any) -> str:
    return digest(bytes.fromhex("".join(digests)))


def _compare_folder(folder: str, ownership: Ownership, faults: dict[str, str]) -> None:
    fault = compare_folder(folder, ownership)
    if fault:
        faults[folder] = fault


def _compared(folder: str, name: str, ownership: Ownership, faults: dict[str, str]) -> bytes | None:
    try:
        data, status = _content(os.path.join(folder, name))
    except OSError as error:
        faults[name] = f"cannot be read: {error.strerror}"
        return None
    fault = ownership.fault(status, FILE_MODE)
    if fault:
        faults[name] = fault
    return data


def _content(path: str) -> tuple[bytes, os.stat_result]:
    with open(open_at_once(path, _READ), "rb") as file:
        return file.read(), os.fstat(file.fileno())
