# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates that are revoked: C(revoked/<serial>.json) in the CA's folder, and the deny list for front-ends.

A front-end compares what the CA's signature covers: the serial number. A fingerprint covers the signature too, and an
ECDSA signature has a second form that is as valid (r, n - s), which everybody can write who has the certificate. A
serial number of fewer than 64 bits is not unique, so that it counts together with its issuer. Standard library only.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import make_folder, write_file
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.place import REVOKED, listed

_LEAST_UNIQUE = 16  # hex digits
_HEX = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True)
class Revoked:
    """One certificate: its serial in lower-case hex, its issuer as nginx writes it (RFC 2253), whose, when and why."""

    serial: str
    issuer: str
    fingerprint_sha256: str
    holder: str
    subject: str
    not_after: str
    revoked_at: str
    reason: str


def read_revoked(ca_path: str) -> list[Revoked]:
    """Return what is revoked. A file that cannot be read is an error, as its certificate would be let in again."""
    folder = os.path.join(ca_path, REVOKED)
    names = sorted(name for name in listed(folder) if name.endswith(".json"))
    return [_read(os.path.join(folder, name)) for name in names]


def write_revoked(ca_path: str, revoked: Revoked) -> None:
    """Keep that a certificate is revoked; what was written first stays."""
    folder = os.path.join(ca_path, REVOKED)
    make_folder(folder, 0o700)
    path = os.path.join(folder, f"{revoked.serial}.json")
    if os.path.lexists(path):
        if _read(path).fingerprint_sha256 == revoked.fingerprint_sha256:
            return
        path = os.path.join(folder, f"{revoked.serial}-{revoked.fingerprint_sha256[:16]}.json")
    write_file(path, json.dumps(asdict(revoked), indent=2, ensure_ascii=False).encode() + b"\n", mode=0o600)


def deny_list(revoked: Sequence[Revoked]) -> str:
    """Return the whole C(revoked.conf) for nginx, which sets C($openimaging_revoked)."""
    unique = sorted({_nginx_serial(one) for one in revoked if len(one.serial) >= _LEAST_UNIQUE})
    others = sorted({_pattern(one) for one in revoked if len(one.serial) < _LEAST_UNIQUE})
    lines = [
        "# Ansible managed",
        "# Serial numbers of revoked certificates. revoke.yml and site.yml write this file.",
        "map $ssl_client_serial $openimaging_revoked_serial {",
        "    default 0;",
        *(f"    {serial} 1;" for serial in unique),
        "}",
        'map "$ssl_client_serial $ssl_client_i_dn" $openimaging_revoked {',
        "    default $openimaging_revoked_serial;",
        *(f'    "{pattern}" 1;' for pattern in others),
        "}",
    ]
    return "\n".join(lines) + "\n"


def deny_list_of(ca_path: str) -> str:
    """Return the deny list of a CA's folder; one that denies nothing where there is no such folder."""
    return deny_list(read_revoked(ca_path) if ca_path else [])


def _nginx_serial(one: Revoked) -> str:
    digits = one.serial.upper()
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def _pattern(one: Revoked) -> str:
    pattern = f"~^{_nginx_serial(one)} {re.escape(one.issuer)}$"
    return pattern.replace("\\", "\\\\").replace('"', '\\"')


def _read(path: str) -> Revoked:
    try:
        with open(path, encoding="utf-8") as file:
            found = Revoked(**json.load(file))
    except (OSError, ValueError, TypeError) as error:
        raise OrthancTlsError(
            f"{path} cannot be read, and says which certificate is revoked: {error}. Nothing was changed. Restore the "
            "file from a backup, as without it the certificate would be let in again."
        ) from error
    if not all(isinstance(value, str) for value in asdict(found).values()) or not _HEX.fullmatch(found.serial):
        raise OrthancTlsError(f"{path} is damaged: it names no serial number in hex; restore it from a backup.")
    return found
