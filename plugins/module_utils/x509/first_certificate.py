# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate of a PEM file that a server presents: its first (standard library only)."""

from __future__ import annotations

import hashlib
import re
import ssl

_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def first_certificate_sha256(path: str | None) -> str | None:
    """Fingerprint (DER, lower case) of the first certificate in a PEM file; None without a file or certificate."""
    try:
        with open(path or "", encoding="ascii", errors="replace") as file:
            found = _CERTIFICATE.search(file.read())
    except FileNotFoundError:
        return None
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(found[0])).hexdigest() if found else None
