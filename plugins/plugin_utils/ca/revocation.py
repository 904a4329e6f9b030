# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificates a revocation is about, and whether a name has none left that is valid."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    fingerprint_sha256,
    load_certificates,
    names_of,
    not_after,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.holders import CLIENT, NODE, holder_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import client_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import name_text
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.deny_list import (
    Revoked,
    read_revoked,
    write_revoked,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.issued import read_issued
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.openssl_program import run_openssl
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.place import PINNED

try:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID
except ImportError:
    pass  # AuthorityFolder says what is missing

if TYPE_CHECKING:
    from cryptography import x509

BY = ("name", "serial", "fingerprint", "file")


@dataclass(frozen=True)
class Revocation:
    """All certificates that a revocation is about, and whether one of them was not revoked before."""

    certificates: Sequence[Revoked]
    changed: bool


def revoke(
    folder: AuthorityFolder,
    asked: Mapping[str, str],
    aliases: Mapping[str, Collection[str]],
    reason: str,
    now: datetime,
    *,
    check_mode: bool,
) -> Revocation:
    """Revoke what C(asked) says (one of C(BY)).

    C(aliases) are the names in certificates of each node, by its name in the inventory. No key is needed.
    """
    by, what = _one(asked)
    known = _known(folder)
    if by == "file":
        found = _of_file(what)
    else:
        found = [one for one in known if _is_meant(one, by, what, aliases) and not_after(one) > now]
    if not found:
        raise OrthancTlsError(
            f"No certificate was revoked: {folder.path} has issued none that is still valid with revoke_{by} {what!r}. "
            "Look at its folder issued, or name the certificate's file (revoke_file)."
        )
    records = [_record(one, by, what, aliases, reason, now) for one in found]
    before = {one.fingerprint_sha256 for one in read_revoked(folder.path)}
    if not check_mode:
        with folder.exclusive():
            for record in records:
                write_revoked(folder.path, record)
    return Revocation(records, any(one.fingerprint_sha256 not in before for one in records))


def revoked_name(folder: AuthorityFolder, holder: str | None, now: datetime) -> Revoked | None:
    """Return a revocation of this holder, C(None) where there is none or a certificate of it is valid all the same."""
    revoked = read_revoked(folder.path)
    mine = [one for one in revoked if one.holder == holder]
    if not mine:
        return None
    gone = {one.fingerprint_sha256 for one in revoked}
    left = [
        one
        for one in _known(folder)
        if _holder(one) == holder and not_after(one) > now and fingerprint_sha256(one) not in gone
    ]
    return None if left else max(mine, key=lambda one: one.revoked_at)


def refuse_revoked(folder: AuthorityFolder, holder: str | None, now: datetime, remedy: str) -> None:
    """Raise where a name was revoked; C(remedy) says how to give it a new certificate all the same."""
    found = revoked_name(folder, holder, now)
    if found is not None:
        raise OrthancTlsError(
            f"{holder} was revoked on {found.revoked_at} ({found.reason}), and gets no new certificate by itself. "
            f"Nothing was signed. {remedy}"
        )


def _one(asked: Mapping[str, str]) -> tuple[str, str]:
    given = [(by, asked[by]) for by in BY if asked.get(by)]
    if len(given) != 1:
        names = ", ".join(f"revoke_{by}" for by in BY)
        raise OrthancTlsError(f"No certificate was revoked: give exactly one of {names}; found {len(given)}.")
    return given[0]


def _known(folder: AuthorityFolder) -> Sequence[x509.Certificate]:
    pinned = os.path.join(folder.path, PINNED)
    return list(read_issued([*folder.issued_folders(), pinned]).certificates.values())


def _of_file(path: str) -> list[x509.Certificate]:
    try:
        with open(path, "rb") as file:
            return load_certificates(file.read(), path)[:1]
    except OSError as error:
        raise OrthancTlsError(f"Cannot read {path} (revoke_file): {error.strerror}; correct the path.") from error


def _is_meant(certificate: x509.Certificate, by: str, what: str, aliases: Mapping[str, Collection[str]]) -> bool:
    if by == "name":
        return _named(certificate, what, aliases) is not None
    digits = what.lower().removeprefix("0x").replace(":", "").strip()
    if by == "serial":
        return f"{certificate.serial_number:x}" == digits.lstrip("0")
    return digits in (fingerprint_sha256(certificate), certificate.fingerprint(hashes.SHA1()).hex())


def _named(certificate: x509.Certificate, name: str, aliases: Mapping[str, Collection[str]]) -> str | None:
    """Return the holder where a certificate is of that name; one of an earlier version names its holder otherwise."""
    holder = _holder(certificate)
    wanted = [holder_of(NODE, name), holder_of(CLIENT, name)]
    if holder is not None:
        return next((holder for one in wanted if one.casefold() == holder.casefold()), None)
    its = {text.casefold() for text in _names(certificate)}
    if its & {text.casefold() for text in aliases.get(name, ())}:
        return wanted[0]
    return wanted[1] if name.casefold() in its else None


def _names(certificate: x509.Certificate) -> Iterator[str]:
    names = names_of(certificate)
    yield from (str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
    yield from (name.partition(":")[2] for name in names)
    if names:
        yield client_of(names)


def _holder(certificate: x509.Certificate) -> str | None:
    found = [str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]
    return found[0] if found and found[0].startswith((f"{NODE}:", f"{CLIENT}:")) else None


def _record(
    certificate: x509.Certificate,
    by: str,
    what: str,
    aliases: Mapping[str, Collection[str]],
    reason: str,
    now: datetime,
) -> Revoked:
    holder = _named(certificate, what, aliases) if by == "name" else _holder(certificate)
    return Revoked(
        serial=f"{certificate.serial_number:x}",
        issuer=_as_nginx_writes_it(certificate),
        fingerprint_sha256=fingerprint_sha256(certificate),
        holder=holder or "",
        subject=name_text(certificate.subject),
        not_after=utc_text(not_after(certificate)),
        revoked_at=utc_text(now),
        reason=reason,
    )


def _as_nginx_writes_it(certificate: x509.Certificate) -> str:
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    ran = run_openssl("x509", "-noout", "-issuer", "-nameopt", "RFC2253", standard_input=pem)
    return ran.output.decode().strip().removeprefix("issuer=")
