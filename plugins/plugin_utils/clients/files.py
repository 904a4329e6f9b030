# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client's folder on the control node: what it holds, what is wrong with it, and how it is written.

C(client.pem) counts: it is replaced by one rename, and every other file is made from it, so that a run that was
killed between two files is mended by the next one without a new certificate.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import make_folder, write_file
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import (
    load_private_key,
    private_key_pem,
    public_key_der,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.pem import (
    Block,
    CertificateEntry,
    Source,
    blocks,
    holds_key,
    is_encrypted,
    normalised,
    read,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.encrypted_key import check_passphrase, pbkdf2_pem
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.pkcs12 import (
    is_compatible,
    opens,
    pkcs12_file,
    pkcs12_holds,
    pkcs12_key,
)

if TYPE_CHECKING:
    from cryptography import x509

    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PrivateKey

CLIENT = "client.pem"
KEY = "key.pem"
CERT = "cert.pem"
CHAIN = "chain.pem"
FULLCHAIN = "fullchain.pem"
CA = "ca.pem"
PKCS12 = "client.p12"
FILES = (CLIENT, KEY, CERT, CHAIN, FULLCHAIN, CA, PKCS12)

_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
_LEFTOVER = re.compile(r"\.(?:" + "|".join(map(re.escape, FILES)) + r")\.[0-9a-f]{12}")


@dataclass(frozen=True)
class Passphrases:
    """What protects the files: no C(key) leaves the key unencrypted, no C(pkcs12) (which may be empty) means none.

    C(compatible) says that the PKCS#12 is for programs that know weak encryption only.
    """

    key: str | None = field(default=None, repr=False)
    pkcs12: str | None = field(default=None, repr=False)
    compatible: bool = False


@dataclass(frozen=True)
class Holding:
    """What C(client.pem) holds. C(key) is C(None) where no passphrase at hand opens it."""

    key_pem: bytes = field(repr=False)
    key: PrivateKey | None
    leaf: x509.Certificate
    issuers: tuple[x509.Certificate, ...]


class ClientFolder:
    """The folder of one client."""

    def __init__(self, path: str, passphrases: Passphrases) -> None:
        if not os.path.isabs(path):
            raise OrthancTlsError(f"path is {path!r}, which is relative; write an absolute path on the control node.")
        self.path = os.path.normpath(path)
        self._passphrases = passphrases
        for option, passphrase in (("key_passphrase", passphrases.key), ("pkcs12_passphrase", passphrases.pkcs12)):
            if passphrase:
                check_passphrase(passphrase, option)

    def check_place(self) -> None:
        """Raise unless the path is free, or a folder of this user that holds a client or nothing."""
        try:
            status = os.lstat(self.path)
            names = set(os.listdir(self.path))
        except FileNotFoundError:
            return
        except OSError as error:
            raise OrthancTlsError(f"Cannot use {self.path} as a client's folder: {error.strerror}.") from error
        if not stat.S_ISDIR(status.st_mode):
            raise OrthancTlsError(f"{self.path} is a link; name the folder itself.")
        if status.st_uid != os.geteuid():
            raise OrthancTlsError(
                f"{self.path} belongs to user {status.st_uid}, and this is user {os.geteuid()}; "
                "run as its owner, or change the owner."
            )
        foreign = sorted(name for name in names - set(FILES) if not _LEFTOVER.fullmatch(name))
        if foreign and CLIENT not in names:
            raise OrthancTlsError(
                f"{self.path} holds {', '.join(foreign[:3])} and no {CLIENT}; name a folder for this client alone."
            )

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Make the folder if it is missing, and keep other runs out; a folder that stays empty goes again."""
        try:
            os.makedirs(self.path, mode=_FOLDER_MODE, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise OrthancTlsError(f"Cannot make the folder {self.path}: {error.strerror}; correct path.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            with contextlib.suppress(OSError):
                os.rmdir(self.path)
            os.close(descriptor)

    def holding(self) -> Holding | None:
        """Read C(client.pem); C(None) where there is none. Raises when it is damaged."""
        data = self.content(CLIENT)
        return None if data is None else self._holding(Source(os.path.join(self.path, CLIENT), data))

    def content(self, name: str) -> bytes | None:
        """Return a file's content; C(None) where there is none."""
        path = os.path.join(self.path, name)
        try:
            with open(path, "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OrthancTlsError(f"Cannot read {path}: {error.strerror}; restore it, or move it away.") from error

    def key_pem(self, holding: Holding) -> bytes:
        """Return the key's PEM as it should be: as it is where its passphrase is right, else written anew."""
        if holding.key is None:
            raise OrthancTlsError(f"No passphrase opens the key in {self.path}.")
        if self.key_passphrase_is_right(holding):
            return holding.key_pem
        return self.new_key_pem(holding.key)

    def new_key_pem(self, key: PrivateKey) -> bytes:
        """Return a key's PEM, protected as its passphrase asks."""
        passphrase = self._passphrases.key
        return private_key_pem(key) if passphrase is None else pbkdf2_pem(key, passphrase)

    def key_passphrase_is_right(self, holding: Holding) -> bool:
        """Say whether the key is protected as its passphrase asks."""
        wanted, block = self._passphrases, blocks(Source(CLIENT, holding.key_pem))[0]
        return is_encrypted(block) == (wanted.key is not None) and self._opened(block, wanted.key) is not None

    def faults(self, holding: Holding, trust: bytes) -> dict[str, str]:
        """Say for each file but the trust bundle what is wrong with it; C(.) is the folder."""
        found = {name: fault for name in FILES if (fault := self._mode_fault(name))}
        if stat.S_IMODE(os.stat(self.path).st_mode) != _FOLDER_MODE:
            found["."] = "is open to others"
        for name, data in contents(self.key_pem(holding), holding, trust).items():
            if name != CA and self.content(name) != data:
                found.setdefault(name, "is not what client.pem says")
        return found

    def pkcs12_opens(self) -> bool:
        """Say whether the PKCS#12 is there, or absent, and protected as its passphrase asks."""
        data, passphrase = self.content(PKCS12), self._passphrases.pkcs12
        if passphrase is None or data is None:
            return data is None and passphrase is None
        return opens(data, passphrase)

    def pkcs12_is_as_compatible(self) -> bool:
        """Say whether the PKCS#12 is encrypted for the programs that are to read it; one that is not never differs."""
        data, wanted = self.content(PKCS12), self._passphrases
        return data is None or not wanted.pkcs12 or is_compatible(data) == wanted.compatible

    def pkcs12_is_right(self, holding: Holding) -> bool:
        """Say whether C(pkcs12_opens), and what is in it is what C(client.pem) says."""
        data, passphrase = self.content(PKCS12), self._passphrases.pkcs12
        if data is None or passphrase is None or holding.key is None:
            return self.pkcs12_opens()
        same = pkcs12_holds(data, passphrase, holding.key, holding.leaf, holding.issuers)
        return same and self.pkcs12_is_as_compatible()

    def write(self, name: str, holding: Holding, trust: bytes) -> None:
        """Write every file that differs, C(client.pem) first; C(name) is the PKCS#12's friendly name."""
        make_folder(self.path, _FOLDER_MODE)
        for leftover in filter(_LEFTOVER.fullmatch, os.listdir(self.path)):
            os.unlink(os.path.join(self.path, leftover))
        for file, data in contents(self.key_pem(holding), holding, trust).items():
            if self.content(file) != data or self._mode_fault(file):
                self._write(file, data)
        self._write_pkcs12(name, holding)

    def _write_pkcs12(self, name: str, holding: Holding) -> None:
        passphrase = self._passphrases.pkcs12
        if passphrase is None or holding.key is None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.path, PKCS12))
        elif self._mode_fault(PKCS12) or not self.pkcs12_is_right(holding):
            data = pkcs12_file(
                name,
                holding.key,
                holding.leaf,
                holding.issuers,
                passphrase,
                compatible=self._passphrases.compatible,
            )
            self._write(PKCS12, data)

    def _write(self, name: str, data: bytes) -> None:
        write_file(os.path.join(self.path, name), data, mode=_FILE_MODE)

    def _mode_fault(self, name: str) -> str | None:
        try:
            status = os.lstat(os.path.join(self.path, name))
        except FileNotFoundError:
            return None
        right = stat.S_ISREG(status.st_mode) and stat.S_IMODE(status.st_mode) == _FILE_MODE
        return None if right else f"is not a file with mode {_FILE_MODE:04o}"

    def _holding(self, source: Source) -> Holding:
        keys = [block for block in blocks(source) if holds_key(block)]
        rest = b"".join(normalised(block) for block in blocks(source) if not holds_key(block))
        if len(keys) != 1:
            raise OrthancTlsError(f"{source.name} holds {len(keys)} private keys instead of one.")
        leaf, *issuers = [
            entry.certificate for entry in read([Source(source.name, rest)]) if isinstance(entry, CertificateEntry)
        ]
        key = self._key(keys[0])
        if key is not None and public_key_der(key.public_key()) != public_key_der(leaf.public_key()):  # type: ignore[arg-type]
            raise OrthancTlsError(f"The key in {source.name} does not belong to its certificate.")
        return Holding(normalised(keys[0]), key, leaf, tuple(issuers))

    def _key(self, block: Block) -> PrivateKey | None:
        """Open the key with the passphrase at hand, or, where that was changed, take it from the PKCS#12."""
        key = self._opened(block, self._passphrases.key)
        if key is None and is_encrypted(block) and self._passphrases.pkcs12 is not None:
            key = pkcs12_key(self.content(PKCS12) or b"", self._passphrases.pkcs12)
        return key

    def _opened(self, block: Block, passphrase: str | None) -> PrivateKey | None:
        if not is_encrypted(block):
            return load_private_key(normalised(block), None, block.source)
        try:
            return load_private_key(normalised(block), passphrase, block.source)
        except OrthancTlsError:
            return None


def contents(key_pem: bytes, holding: Holding, trust: bytes) -> Mapping[str, bytes]:
    """Return every PEM file by its name, C(client.pem) first."""
    cert = certificate_pem(holding.leaf)
    chain = b"".join(map(certificate_pem, holding.issuers))
    return {
        CLIENT: key_pem + cert + chain,
        KEY: key_pem,
        CERT: cert,
        CHAIN: chain,
        FULLCHAIN: cert + chain,
        CA: trust,
    }
