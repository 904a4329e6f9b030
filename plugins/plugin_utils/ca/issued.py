# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates that a CA folder has issued: who the clients are, and what goes with a CA that is retired.

C(issued/<serial>.pem) is written by any number of runs at once. What a retired CA has issued lies in its own folder.
A file that holds no certificate is named, and keeps nothing else from being read.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import make_folder, sync_folder
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    names_of,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.facts import extended_key_usage
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import client_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.pem import CertificateEntry, Source, read
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import name_text

with contextlib.suppress(ImportError):  # AuthorityFolder says what is missing
    from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from cryptography import x509

_MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class IssuedClient:
    """A person's or device's newest certificate; C(issuer) is the subject of the certificate that issued it."""

    name: str
    names: list[str]
    serial: str
    issuer: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True)
class Issued:
    """What folders of issued certificates hold: certificates by their paths, and what is wrong with other files."""

    certificates: dict[str, x509.Certificate]
    strays: list[str]


def read_issued(folders: Iterable[str]) -> Issued:
    """Read every C(.pem) file of the folders."""
    found = Issued({}, [])
    for path in (os.path.join(folder, name) for folder in folders for name in sorted(_listed(folder))):
        try:
            found.certificates[path] = _certificate(path)
        except FileNotFoundError:
            continue  # another run has archived it meanwhile
        except (OSError, OrthancTlsError) as error:
            found.strays.append(
                f"{path} is left out: {error} A run that was killed may have left it, and what was not written as a "
                "whole was not handed out either; remove the file, or restore it from a backup."
            )
    return found


def newest_clients(issued: Issued) -> list[IssuedClient]:
    """Return each client's newest certificate, by name. A certificate that may serve as well is a node's."""
    newest: dict[tuple[str, ...], IssuedClient] = {}
    for certificate in issued.certificates.values():
        if extended_key_usage(certificate) != ["clientAuth"]:
            continue
        client = _client(certificate)
        # A certificate need not repeat its holder's name in the subject, and the next one may.
        holder = tuple(client.names) or (name_text(certificate.subject),)
        if holder not in newest or newest[holder].not_before < client.not_before:
            newest[holder] = client
    return sorted(newest.values(), key=lambda client: client.name)


def archive(source: str, target: str, issuer: x509.Certificate) -> None:
    """Move what C(issuer) has issued from one folder to another; killed in between, it goes on with the next call."""
    issued = read_issued([source]).certificates
    due = [path for path, certificate in issued.items() if certificate.issuer == issuer.subject]
    if not due:
        return
    make_folder(target, 0o700)
    for path in due:
        os.rename(path, os.path.join(target, os.path.basename(path)))
    sync_folder(target)
    sync_folder(source)


def facts(client: IssuedClient, generations: Mapping[str, str], now: datetime) -> dict[str, object]:
    """Describe a client; C(generations) are the CAs' names by the subject of what issues in them."""
    return {
        "name": client.name,
        "names": client.names,
        "serial": client.serial,
        "generation": generations.get(client.issuer),
        "not_after": utc_text(client.not_after),
        "expired": client.not_after <= now,
    }


def _client(certificate: x509.Certificate) -> IssuedClient:
    common_names = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    names = names_of(certificate)
    return IssuedClient(
        name=common_names[0] if common_names else client_of(names),
        names=names,
        serial=f"{certificate.serial_number:x}",
        issuer=name_text(certificate.issuer),
        not_before=not_before(certificate),
        not_after=not_after(certificate),
    )


def _certificate(path: str) -> x509.Certificate:
    with open(path, "rb") as file:
        entries = read([Source(path, file.read(_MOST_BYTES))])
    certificates = [entry.certificate for entry in entries if isinstance(entry, CertificateEntry)]
    if not certificates:
        raise OrthancTlsError(f"{path} holds no certificate.")
    return certificates[0]


def _listed(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name.endswith(".pem")]
    except FileNotFoundError:
        return []
