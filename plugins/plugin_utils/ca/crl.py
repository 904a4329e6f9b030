# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publish in each authority's folder which of its certificates are revoked, for programs that read CRLs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import write_file
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.crl import ReadCrl, read_crl, sign_crl
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.authority import read_file, signer_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.deny_list import Revoked, read_revoked
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.openssl_program import run_openssl

if TYPE_CHECKING:
    from cryptography import x509


@dataclass(frozen=True)
class Published:
    """The CRLs that were written, and those that are not as they should be, with the reason."""

    written: Sequence[str]
    behind: Sequence[str]


def publish(folder: AuthorityFolder, passphrase: str | None, now: datetime, *, check_mode: bool) -> Published:
    """Sign the CRL of each CA that is trusted and whose CRL is another one, where its key is at hand.

    The front-ends do not depend on it: what cannot be signed is told, and is no error.
    """
    written: list[str] = []
    behind: list[str] = []
    # Of two runs at once the later one has the higher number and all entries.
    with contextlib.nullcontext() if check_mode or not folder.exists() else folder.exclusive():
        revoked = read_revoked(folder.path)
        for certificate, key_path, path in (crl for authority in folder.authorities() for crl in authority.crls):
            wanted, found = _of(certificate, revoked), _published(path, certificate)
            if found is not None and found.serials == wanted.keys():
                continue
            try:
                signer = signer_of(certificate, key_path, passphrase)
            except OrthancTlsError as error:
                if wanted or found:  # an earlier version made a CA without one
                    behind.append(f"{path} is not up to date, as its CA's key cannot be opened: {error}")
                continue
            number = max(int(now.timestamp()), found.number + 1 if found else 0)
            if not check_mode:
                write_file(path, sign_crl(signer, wanted, number, now), mode=0o600)
            written.append(path)
    return Published(written, behind)


def _of(certificate: x509.Certificate, revoked: Sequence[Revoked]) -> dict[int, datetime]:
    """Return what is revoked of a CA. Each CA of ours has a subject of its own."""
    if not revoked:
        return {}
    ran = run_openssl(
        *("x509", "-noout", "-subject", "-nameopt", "RFC2253"), standard_input=certificate_pem(certificate)
    )
    subject = ran.output.decode().strip().removeprefix("subject=")
    return {int(one.serial, 16): parse_utc(one.revoked_at) for one in revoked if one.issuer == subject}


def _published(path: str, certificate: x509.Certificate) -> ReadCrl | None:
    return read_crl(read_file(path), certificate) if os.path.lexists(path) else None
