# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates that a CA folder has issued: who the clients are, and what goes with a CA that is retired.

C(issued/<serial>.pem) is written by any number of runs at once. What a retired CA has issued lies in its own folder.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import make_folder, sync_folder
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    load_certificates,
    names_of,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.facts import extended_key_usage
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import name_text

with contextlib.suppress(ImportError):  # AuthorityFolder says what is missing
    from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from cryptography import x509

ISSUED = "issued"


@dataclass(frozen=True)
class IssuedClient:
    """A person's or device's newest certificate; C(issuer) is the subject of the certificate that issued it."""

    name: str
    names: list[str]
    serial: str
    issuer: str
    not_before: datetime
    not_after: datetime


def newest_clients(folders: Iterable[str]) -> list[IssuedClient]:
    """Return each client's newest certificate, by name. A certificate that may serve as well is a node's."""
    newest: dict[tuple[str, ...], IssuedClient] = {}
    for _path, certificate in _certificates(folders):
        if extended_key_usage(certificate) != ["clientAuth"]:
            continue
        client = _client(certificate)
        holder = (name_text(certificate.subject), *client.names)
        if holder not in newest or newest[holder].not_before < client.not_before:
            newest[holder] = client
    return sorted(newest.values(), key=lambda client: client.name)


def archive(source: str, target: str, issuer: x509.Certificate) -> None:
    """Move what C(issuer) has issued from one folder to another; killed in between, it goes on with the next call."""
    due = [path for path, certificate in _certificates([source]) if certificate.issuer == issuer.subject]
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
        name=(common_names or [name.partition(":")[2] for name in names])[0],
        names=names,
        serial=f"{certificate.serial_number:x}",
        issuer=name_text(certificate.issuer),
        not_before=not_before(certificate),
        not_after=not_after(certificate),
    )


def _certificates(folders: Iterable[str]) -> Iterator[tuple[str, x509.Certificate]]:
    for folder in folders:
        for name in sorted(_listed(folder)):
            path = os.path.join(folder, name)
            try:
                with open(path, "rb") as file:
                    yield path, load_certificates(file.read(), path)[0]
            except OSError as error:
                raise OrthancTlsError(f"Cannot read {path} of the CA: {error.strerror}.") from error


def _listed(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name.endswith(".pem")]
    except FileNotFoundError:
        return []
