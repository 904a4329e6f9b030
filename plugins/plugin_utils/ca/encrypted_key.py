# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys at rest (PKCS#8, RFC 5958), encrypted so that each guess at the passphrase takes a while.

cryptography writes 2,048 rounds of PBKDF2 and takes no other number, so that the program openssl writes them.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import (
    load_private_key,
    private_key_pem,
    public_key_sha256,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.openssl_program import Piped, run_openssl

if TYPE_CHECKING:
    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PrivateKey

SHORTEST = 12  # characters of a new CA's passphrase
SCRYPT = (1 << 14, 8, 5)
"""N, r and p. OpenSSL reads no scrypt that needs more than 32 MiB, and so no larger N with this r."""
PBKDF2_ROUNDS = 600_000
_FEWEST_ROUNDS = 100_000
_LEAST_WORK = (1 << 14) * 8
_LONGEST = 1023  # bytes, the limit of OpenSSL's readers
_SCRYPT_OID, _PBKDF2_OID = bytes.fromhex("2b06010401da47040b"), bytes.fromhex("2a864886f70d01050c")
_SEQUENCE, _INTEGER = 0x30, 0x02
_PEM = re.compile(rb"-----BEGIN ENCRYPTED PRIVATE KEY-----([A-Za-z0-9+/=\s]{4,})-----END ENCRYPTED PRIVATE KEY-----")


def scrypt_pem(key: PrivateKey, passphrase: str) -> bytes:
    """Write the key as PKCS#8 PEM, encrypted with scrypt, which OpenSSL and cryptography read."""
    n, r, p = SCRYPT
    options = ("-scrypt", "-scrypt_N", str(n), "-scrypt_r", str(r), "-scrypt_p", str(p))
    return _encrypted(key, passphrase, options, (_SCRYPT_OID, [n, r, p]))


def pbkdf2_pem(key: PrivateKey, passphrase: str) -> bytes:
    """Write the key as PKCS#8 PEM, encrypted with PBKDF2, which every program for PKCS#8 reads."""
    options = ("-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", str(PBKDF2_ROUNDS))
    return _encrypted(key, passphrase, options, (_PBKDF2_OID, [PBKDF2_ROUNDS]))


def check_passphrase(passphrase: str, what: str = "The passphrase") -> None:
    """Raise for a passphrase that nothing can be encrypted with; C(what) names it in errors."""
    if not 0 < len(passphrase.encode()) <= _LONGEST:
        raise OrthancTlsError(f"{what} is empty or longer than {_LONGEST} bytes, OpenSSL's limit; choose another.")
    if any(character in passphrase for character in "\n\r\0"):
        raise OrthancTlsError(f"{what} has a line break or a NUL, at which OpenSSL would cut it; choose another.")


def check_new_passphrase(passphrase: str) -> None:
    """Raise for a passphrase that is too short for a new CA's keys."""
    check_passphrase(passphrase, "The CA's passphrase")
    if len(passphrase) < SHORTEST:
        raise OrthancTlsError(
            f"The CA's passphrase has {len(passphrase)} characters, and a new CA's needs at least {SHORTEST}, as "
            "a thief of the folder can try passphrases. Choose a longer one. Where another CA is present, "
            "change the passphrase of its keys first (docs/ca.md, Change the passphrase)."
        )


def weakness(pem: bytes) -> str | None:
    """Say by what an encrypted key is protected too weakly; C(None) where it is not, or that cannot be told."""
    found = _protection(pem)
    if found is None:
        return None
    kdf, numbers = found
    if kdf == _SCRYPT_OID:
        return None if math.prod(numbers[:3]) >= _LEAST_WORK else "a cheap scrypt"
    if kdf == _PBKDF2_OID and numbers:
        return None if numbers[0] >= _FEWEST_ROUNDS else f"{numbers[0]:,} rounds of PBKDF2"
    return "an outdated algorithm"


def _encrypted(key: PrivateKey, passphrase: str, options: Sequence[str], wanted: tuple[bytes, list[int]]) -> bytes:
    check_passphrase(passphrase)
    secret = Piped(f"{passphrase}\n".encode(), "fd:{}")
    ran = run_openssl("pkcs8", "-topk8", *options, "-passout", secret, standard_input=private_key_pem(key))
    if ran.status != 0:
        raise OrthancTlsError(f"The program 'openssl' on the control node encrypted no key: {ran.complaint}.")
    _check(ran.output, key, passphrase, wanted)
    return ran.output


def _check(pem: bytes, key: PrivateKey, passphrase: str, wanted: tuple[bytes, list[int]]) -> None:
    """Raise unless the key can be opened again and is protected as it should be, before anything depends on it."""
    opened = load_private_key(pem, passphrase, "The key that the program 'openssl' has just encrypted")
    if public_key_sha256(opened.public_key()) != public_key_sha256(key.public_key()):
        raise OrthancTlsError("The program 'openssl' on the control node wrote another key; nothing was written.")
    found = _protection(pem)
    if found is None or (found[0], found[1][: len(wanted[1])]) != wanted:
        raise OrthancTlsError(
            "The program 'openssl' on the control node protects keys otherwise than it was told; nothing was written. "
            "Install OpenSSL 3.0 or newer there."
        )


def _protection(pem: bytes) -> tuple[bytes, list[int]] | None:
    """Return how a PKCS#8's passphrase becomes a key: the object identifier, and the numbers among its parameters.

    That is PBES2's key derivation function (RFC 8018 section 6.2), or else the whole algorithm; C(None) where it is no
    encrypted PKCS#8.
    """
    block = _PEM.search(pem)
    try:
        der = base64.b64decode(b"".join(block[1].split())) if block else b""
        algorithm = _elements(_elements(_elements(der)[0][1])[0][1])
        parameters = _elements(algorithm[1][1])
        if parameters[0][0] == _SEQUENCE:
            algorithm = _elements(parameters[0][1])
            parameters = _elements(algorithm[1][1])
    except (IndexError, ValueError):
        return None
    return algorithm[0][1], [int.from_bytes(content, "big") for tag, content in parameters if tag == _INTEGER]


def _elements(der: bytes) -> list[tuple[int, bytes]]:
    """Cut DER into its elements: the tag and the content of each (X.690 section 8.1)."""
    found = []
    while der:
        octets = der[1] - 0x80 if der[1] >= 0x80 else 0
        length = int.from_bytes(der[2 : 2 + octets], "big") if octets else der[1]
        start = 2 + octets
        if len(der) < start + length:
            raise ValueError("cut off")
        found.append((der[0], der[start : start + length]))
        der = der[start + length :]
    return found
