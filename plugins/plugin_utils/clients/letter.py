# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The short text in a client's folder for the person who gets its files."""

from __future__ import annotations

import os
import textwrap
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import write_file
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf

LETTER = "README.txt"

_IMPORT = {
    "person": (
        "Import client.p12 into the browser, under your certificates (Firefox), or for the current user (Windows, for "
        "Edge and Chrome). Import ca.pem as a certification authority for web sites."
    ),
    "device": (
        "Give the device client.pem, which has key, certificate and chain in one, or the parts of it that the device "
        "asks for: key.pem and fullchain.pem. Give it ca.pem as the CA that it trusts."
    ),
    "service": (
        "Point the service at key.pem and fullchain.pem, and at ca.pem as the CA that it trusts. Keep key.pem readable "
        "for the service alone."
    ),
}
KINDS = tuple(_IMPORT)


@dataclass(frozen=True)
class Letter:
    """What the text says of one client; C(pkcs12_encrypted) is None where there is no PKCS#12."""

    name: str
    kind: str
    leaf: Leaf
    pkcs12_encrypted: bool | None
    url: str

    @property
    def text(self) -> str:
        """The whole text. It holds nothing secret."""
        parts = [
            f"The certificate of {self.name} for the Orthanc servers",
            _IMPORT[self.kind],
            *self._pkcs12(),
            f"SHA-256 fingerprint:\n{self._fingerprint()}",
            f"Valid until {utc_text(self.leaf.not_after)}.",
            f"To test it:\n    curl --cacert ca.pem --cert client.pem {self.url}system",
            "Whoever has these files can use Orthanc in your name. If they get lost, say so at once: the certificate "
            "can be revoked.",
        ]
        return "\n\n".join(map(_wrapped, parts)) + "\n"

    def _pkcs12(self) -> list[str]:
        if self.pkcs12_encrypted is None:
            return []
        if self.pkcs12_encrypted:
            return ["client.p12 asks for a passphrase, which you get in another way than this file."]
        return ["client.p12 is not encrypted. Delete it once it is imported."]

    def _fingerprint(self) -> str:
        pairs = textwrap.wrap(self.leaf.fingerprint_sha256.upper(), 2)
        return ":".join(pairs[:16]) + ":\n" + ":".join(pairs[16:])


def put_letter(folder: str, letter: Letter, *, check_mode: bool) -> bool:
    """Write the text where it differs from what is there, and say whether it does."""
    path, text = os.path.join(folder, LETTER), letter.text.encode()
    try:
        with open(path, "rb") as file:
            differs = file.read() != text
    except FileNotFoundError:
        differs = True
    if differs and not check_mode:
        write_file(path, text, mode=0o600)
    return differs


def _wrapped(paragraph: str) -> str:
    return "\n".join(paragraph.splitlines()) if "\n" in paragraph else textwrap.fill(paragraph, 76)
