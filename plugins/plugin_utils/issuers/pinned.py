# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public certificates of nodes that sign for themselves, on the control node: C(<CA folder>/pinned/<host>.pem)."""

from __future__ import annotations

import os
from collections.abc import Iterable

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import make_folder, write_file
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.trust_bundle import certificates_in

_PINNED = "pinned"


class PinnedFolder:
    """One file per host, written by one rename: whoever must trust the host, trusts all that is in it."""

    def __init__(self, path: str) -> None:
        if not os.path.isabs(path):
            raise OrthancTlsError(
                f"ca_path is {path!r}, which is relative; write an absolute path on the control node."
            )
        self.path = os.path.normpath(path)

    def read(self, host: str) -> bytes:
        """Return the certificates of a host; none where it has not been here yet."""
        path = self._file(host)
        try:
            with open(path, "rb") as file:
                pem = file.read()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise OrthancTlsError(f"Cannot read {path}: {error.strerror}; check the rights.") from error
        if not certificates_in(pem):
            raise OrthancTlsError(f"{path} holds no certificate; remove it, and run site.yml for {host}.")
        return pem

    def write(self, host: str, pem: bytes) -> bool:
        """Keep the certificates of a host; return whether that changed anything."""
        if self.read(host) == pem:
            return False
        for folder in (self.path, os.path.join(self.path, _PINNED)):
            make_folder(folder, 0o700)
        write_file(self._file(host), pem, mode=0o600)
        return True

    def trusted(self, hosts: Iterable[str]) -> list[bytes]:
        """Return what the given hosts are known by."""
        return [self.read(host) for host in hosts]

    def _file(self, host: str) -> str:
        return os.path.join(self.path, _PINNED, f"{host.replace(os.sep, '_')}.pem")
