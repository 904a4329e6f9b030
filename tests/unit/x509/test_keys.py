# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys: every type is made, written, read and recognised; errors tell a wrong passphrase from a damaged file."""

from __future__ import annotations

import hashlib
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from hypothesis import given, settings
from hypothesis import strategies as st
from made_certificates import encrypted_pem

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.key_types import KEY_TYPES
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import (
    generate_key,
    key_type_of,
    load_private_key,
    private_key_pem,
    public_key_sha256,
)

KEY = generate_key("ecdsa-p256")
ENCRYPTED = encrypted_pem(KEY, "secret")


@pytest.mark.parametrize("key_type", [key_type for key_type in KEY_TYPES if key_type != "rsa-4096"])
@pytest.mark.parametrize("passphrase", [None, "ünïcode"])
def test_every_key_type_survives_writing_and_reading(key_type: str, passphrase: str | None) -> None:
    key = generate_key(key_type)
    pem = private_key_pem(key) if passphrase is None else encrypted_pem(key, passphrase)
    assert key_type_of(key.public_key()) == key_type
    assert public_key_sha256(load_private_key(pem, passphrase).public_key()) == public_key_sha256(key.public_key())
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----" if passphrase else b"-----BEGIN PRIVATE KEY-----")


def test_openssl_reads_the_key_and_agrees_on_its_public_half() -> None:
    command = ["openssl", "pkey", "-passin", "pass:secret", "-pubout", "-outform", "DER"]
    public = subprocess.run(command, input=ENCRYPTED, capture_output=True, check=True).stdout
    assert hashlib.sha256(public).hexdigest() == public_key_sha256(KEY.public_key())


def test_unknown_key_type_is_refused_with_the_list() -> None:
    with pytest.raises(OrthancTlsError, match=r"key_type is 'rsa-1024'; expected one of ecdsa-p256, "):
        generate_key("rsa-1024")


def test_other_key_types_have_names_too() -> None:
    assert key_type_of(ec.generate_private_key(ec.SECP521R1()).public_key()) == "ecdsa-secp521r1"
    assert key_type_of(dsa.generate_private_key(1024).public_key()) not in KEY_TYPES


def test_a_passphrase_is_ignored_where_the_key_is_not_encrypted() -> None:
    assert load_private_key(private_key_pem(KEY), "secret")


@pytest.mark.parametrize("passphrase", [None, ""])
def test_missing_passphrase(passphrase: str | None) -> None:
    with pytest.raises(OrthancTlsError, match=r"/ca/ca.key is encrypted, and no passphrase was given"):
        load_private_key(ENCRYPTED, passphrase, "/ca/ca.key")


@given(st.text(min_size=1, max_size=30).filter(lambda text: text != "secret"))
@settings(max_examples=1000, deadline=None)
def test_wrong_passphrase_is_said_and_never_shown(passphrase: str) -> None:
    # One in some hundreds decrypts to valid padding, hence that many examples.
    with pytest.raises(OrthancTlsError, match=r"The passphrase does not open /ca/ca.key") as caught:
        load_private_key(ENCRYPTED, passphrase, "/ca/ca.key")
    assert caught.value.__cause__ is None
    if len(passphrase) > 8:
        assert passphrase not in str(caught.value)


def test_a_wrong_passphrase_of_an_old_kind_of_key_is_said() -> None:
    old = KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.BestAvailableEncryption(b"secret"),
    )
    with pytest.raises(OrthancTlsError, match="The passphrase does not open"):
        load_private_key(old, "wrong")
    assert load_private_key(old, "secret")


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"nonsense",
        ENCRYPTED[:150],
        ENCRYPTED.replace(b"MI", b"MJ", 1),
        b"".join(ENCRYPTED.splitlines(keepends=True)[:2] + ENCRYPTED.splitlines(keepends=True)[3:]),
        private_key_pem(KEY)[:80],
    ],
    ids=["empty", "no PEM", "cut off", "changed", "a line lost", "cut off, not encrypted"],
)
def test_damaged_key(pem: bytes) -> None:
    with pytest.raises(OrthancTlsError, match=r"/ca/ca.key holds no private key that can be read.*restore it"):
        load_private_key(pem, "secret", "/ca/ca.key")


def test_unsupported_key() -> None:
    pem = dsa.generate_private_key(1024).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(OrthancTlsError, match="not supported; expected an RSA, ECDSA or Ed25519 key"):
        load_private_key(pem, None)
