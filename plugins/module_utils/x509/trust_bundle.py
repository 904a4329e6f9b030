# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates to trust as one PEM text, always spelt the same (standard library only)."""

from __future__ import annotations

import base64
import hashlib
import re
import textwrap

_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
_LINE = 64  # RFC 7468


def merged(*pems: bytes) -> bytes:
    """Join certificates: each once, in an order that does not depend on where they came from."""
    found = {hashlib.sha256(der).digest(): der for pem in pems for der in certificates_in(pem)}
    return b"".join(_pem(found[digest]) for digest in sorted(found))


def certificates_in(pem: bytes) -> list[bytes]:
    """Return each certificate's DER, in the order of the text."""
    return [base64.b64decode(b"".join(block.split())) for block in _BLOCK.findall(pem)]


def fingerprints(pem: bytes) -> set[str]:
    """Return the SHA-256 of each certificate, in lower-case hex."""
    return {hashlib.sha256(der).hexdigest() for der in certificates_in(pem)}


def _pem(der: bytes) -> bytes:
    body = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), _LINE))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n".encode()
