# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS profiles in OpenSSL's words, for any server that is built on it (standard library only)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_GCM = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
)
_CHACHA = ("ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305")
_GROUPS = ("X25519", "prime256v1", "secp384r1")
_HYBRID_GROUP = "?X25519MLKEM768"
_HYBRID_SINCE = (3, 5)


@dataclass(frozen=True)
class TlsProfile:
    """Protocols, suites of TLS 1.2 (those of TLS 1.3 stay OpenSSL's own) and groups, the preferred ones first."""

    protocols: tuple[str, ...]
    ciphers: tuple[str, ...]
    groups: tuple[str, ...]


PROFILES = {
    "intermediate": TlsProfile(("TLSv1.2", "TLSv1.3"), _GCM + _CHACHA, _GROUPS),
    "modern": TlsProfile(("TLSv1.3",), (), _GROUPS),
    "dicom": TlsProfile(("TLSv1.2", "TLSv1.3"), _GCM, _GROUPS),
}
"""C(intermediate) and C(modern) are Mozilla's (Server Side TLS 6.0), C(dicom) is PS3.15 B.12 (BCP 195, RFC 9325)."""


def tls_profile(name: str, openssl_version: str) -> TlsProfile:
    """The profile as an OpenSSL of that version (C(3.0.22)) can keep it.

    An OpenSSL before 3.5 refuses the whole list of groups for the post-quantum one. From 3.3 on, C(?) lets a
    server that still runs with an older library skip it.
    """
    if name not in PROFILES:
        raise OrthancTlsError(f"TLS profile '{name}' is unknown; expected one of: {', '.join(PROFILES)}.")
    profile = PROFILES[name]
    if _numbers(openssl_version) < _HYBRID_SINCE:
        return profile
    return TlsProfile(profile.protocols, profile.ciphers, (_HYBRID_GROUP, *profile.groups))


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)", version)
    if not found:
        raise OrthancTlsError(f"OpenSSL's version is '{version}'; expected one like 3.0.22.")
    return tuple(map(int, found.groups()))
