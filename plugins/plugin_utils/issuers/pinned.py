# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public certificates of nodes that sign for themselves, on the control node: C(<CA folder>/pinned/<host>.pem)."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import make_folder, write_file
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.trust_bundle import merged
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.place import PINNED, check_closed, check_place
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.published import (
    MOST_BYTES,
    pem_certificates,
    untrustworthy,
)

if TYPE_CHECKING:
    from cryptography import x509

_UNREADABLE = "Nodes keep the trust in {host} that they have; run site.yml for {host}, which writes the file again."
_LEFT_OUT = "It is left out, and trusted no longer; run site.yml for {host}, which writes the file again."
# A pipe in place of the file must not keep the run waiting.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Known:
    """What a host is known by. C(fault) says what is left out and why.

    C(unreadable) says that there is no telling by what it is known.
    """

    certificates: tuple[x509.Certificate, ...] = ()
    fault: str | None = None
    unreadable: bool = False


class PinnedFolder:
    """One file per host, written by one rename: whoever must trust the host, trusts all that is in it."""

    def __init__(self, path: str) -> None:
        if not os.path.isabs(path):
            raise OrthancTlsError(
                f"ca_path is {path!r}, which is relative; write an absolute path on the control node."
            )
        self.path = os.path.normpath(path)

    def check_place(self) -> None:
        """Raise unless nobody else can put a certificate there, and what is missing can be made."""
        check_place(self.path)
        folder = os.path.join(self.path, PINNED)
        with contextlib.suppress(FileNotFoundError):
            check_closed(folder, os.lstat(folder), "The folder of certificates of nodes that sign for themselves,")

    def known(self, host: str) -> Known:
        """Return the certificates of a host that others may trust; none where it has not been here yet."""
        path = self._file(host)
        try:
            data = self._read(host)
            certificates = pem_certificates(data, path) if data is not None else []
        except OrthancTlsError as error:
            return Known(fault=f"{error} {_UNREADABLE.format(host=host)}", unreadable=True)
        faults = {certificate: untrustworthy(certificate) for certificate in certificates}
        wrong = [fault for fault in faults.values() if fault]
        return Known(
            tuple(certificate for certificate, fault in faults.items() if not fault),
            f"{path}: a certificate {wrong[0]}. {_LEFT_OUT.format(host=host)}" if wrong else None,
        )

    def holds(self, host: str, certificates: Iterable[x509.Certificate]) -> bool:
        """Whether these certificates are what is kept of a host, and no others."""
        try:
            return self._read(host) == merged(*map(certificate_pem, certificates))
        except OrthancTlsError:
            return False

    def write(self, host: str, certificates: Iterable[x509.Certificate]) -> None:
        """Keep the certificates of a host, in the place of those before."""
        self.check_place()
        for folder in (self.path, os.path.join(self.path, PINNED)):
            make_folder(folder, 0o700)
        write_file(self._file(host), merged(*map(certificate_pem, certificates)), mode=0o600)

    def _read(self, host: str) -> bytes | None:
        path = self._file(host)
        try:
            with open(os.open(path, _READ), "rb") as file:
                _check_file(path, os.fstat(file.fileno()))
                return file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OrthancTlsError(f"Cannot read {path}: {error.strerror}.") from error

    def _file(self, host: str) -> str:
        return os.path.join(self.path, PINNED, f"{host.replace(os.sep, '_')}.pem")


def _check_file(path: str, status: os.stat_result) -> None:
    """Raise where somebody else may have written the file, as from a backup that gave it to others."""
    if not stat.S_ISREG(status.st_mode):
        raise OrthancTlsError(f"{path} is not a file.")
    if status.st_uid != os.geteuid():
        raise OrthancTlsError(f"{path} belongs to user {status.st_uid}, and this is user {os.geteuid()}.")
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o022:
        raise OrthancTlsError(f"{path} has mode {mode:04o}, so that others can change it.")
