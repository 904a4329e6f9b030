# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PEM text: what is read, what is refused and with which words, and that nothing else ever comes out of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_certificates import NOW, Made, encrypted_pem, hierarchy, made

from ansible_collections.openimaging.orthanc.plugins.module_utils.bundles.checks import Bundle, checked_bundle
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.facts import pem_lines
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.pem import (
    CertificateEntry,
    KeyEntry,
    Source,
    blocks,
    is_encrypted,
    read,
)

ROOT, INTERMEDIATE, LEAF = hierarchy()
OTHER = made("other")
VALID = LEAF.key_pem + LEAF.cert_pem + INTERMEDIATE.cert_pem


def source(*parts: bytes, name: str = "source") -> Source:
    return Source(name, b"".join(parts))


def bundle(*parts: bytes, purpose: str = "auto") -> Bundle:
    sources = [Source(f"source {number}", part) for number, part in enumerate(parts)]
    return checked_bundle(read(sources), purpose, NOW)


def refusal(*parts: bytes, purpose: str = "auto") -> str:
    with pytest.raises(OrthancTlsError) as caught:
        bundle(*parts, purpose=purpose)
    return str(caught.value)


def traditional(made_key: Made, passphrase: bytes | None = None) -> bytes:
    encryption = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return made_key.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, encryption
    )


def test_the_blocks_come_back_byte_for_byte_in_their_order() -> None:
    assert bundle(LEAF.key_pem, LEAF.cert_pem, INTERMEDIATE.cert_pem).pem == VALID


def test_text_around_blocks_windows_line_ends_and_long_lines_are_normalised() -> None:
    messy = b"subject=CN = node\r\n" + VALID.replace(b"\n", b"\r\n") + b"bye"
    one_line = b"-----BEGIN CERTIFICATE-----" + b"".join(INTERMEDIATE.cert_pem.splitlines()[1:-1])
    assert bundle(messy).pem == VALID
    assert bundle(LEAF.key_pem + LEAF.cert_pem, one_line + b"-----END CERTIFICATE-----").pem == VALID


@pytest.mark.parametrize("key_type", ["ecdsa-p256", "ecdsa-p384", "rsa-2048", "ed25519"])
def test_every_key_type_is_matched_with_its_leaf(key_type: str) -> None:
    own = made("own", key_type=key_type)
    assert bundle(own.key_pem, own.cert_pem).purpose == "server"
    assert "does not belong to CN=own" in refusal(OTHER.key_pem, own.cert_pem)


def test_the_older_key_forms_keep_their_encoding() -> None:
    key = traditional(LEAF)
    assert key.startswith(b"-----BEGIN EC PRIVATE KEY-----")
    assert bundle(key, LEAF.cert_pem).pem == key + LEAF.cert_pem


def test_the_curve_that_openssl_writes_before_a_key_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-out", path], check=True)
    (entry,) = read([Source("key", path.read_bytes())])
    assert isinstance(entry, KeyEntry)
    assert b"PARAMETERS" not in entry.pem


def test_the_key_may_stand_last() -> None:
    assert bundle(LEAF.cert_pem, INTERMEDIATE.cert_pem, LEAF.key_pem).purpose == "server"


def test_a_root_may_end_the_chain_and_a_self_signed_leaf_may_stand_alone() -> None:
    assert bundle(LEAF.key_pem, LEAF.cert_pem, INTERMEDIATE.cert_pem, ROOT.cert_pem).purpose == "server"
    root_as_leaf = made("appliance", ca=True)
    assert bundle(root_as_leaf.key_pem, root_as_leaf.cert_pem).purpose == "server"


@pytest.mark.parametrize(
    ("parts", "purpose"),
    [
        pytest.param([LEAF.key_pem, LEAF.cert_pem], "server", id="a key"),
        pytest.param([LEAF.cert_pem, INTERMEDIATE.cert_pem], "chain", id="a leaf and its issuer"),
        pytest.param([ROOT.cert_pem], "trust", id="a root"),
        pytest.param([INTERMEDIATE.cert_pem, ROOT.cert_pem], "trust", id="CA certificates that sign each other"),
        pytest.param([OTHER.cert_pem, ROOT.cert_pem], "trust", id="a self-signed leaf and a stranger"),
    ],
)
def test_auto_finds_the_purpose(parts: list[bytes], purpose: str) -> None:
    assert bundle(*parts).purpose == purpose


def test_an_intermediate_without_its_root_is_trusted_with_a_warning() -> None:
    (warning,) = bundle(INTERMEDIATE.cert_pem, purpose="trust").warnings
    assert "CN=Intermediate in source 0 is an intermediate" in warning
    assert bundle(INTERMEDIATE.cert_pem, ROOT.cert_pem, purpose="trust").warnings == ()


EXPIRED = made("old", days=(-30, -1))
FUTURE = made("soon", days=(1, 30))
SIGNED_BY_LEAF = made("signed", OTHER)


@pytest.mark.parametrize(
    ("parts", "purpose", "words"),
    [
        pytest.param([b""], "auto", "source 0 holds no PEM", id="empty source"),
        pytest.param([b"\x30\x82"], "auto", "openssl x509 -inform DER", id="DER"),
        pytest.param([LEAF.key_pem], "auto", "would hold no certificate", id="key alone"),
        pytest.param([LEAF.cert_pem], "server", "has no private key", id="no key"),
        pytest.param([VALID], "trust", "source 0 holds a private key", id="key in a trust list"),
        pytest.param([VALID], "chain", "source 0 holds a private key", id="key in a chain"),
        pytest.param([VALID, OTHER.key_pem], "auto", "2 private keys, in source 0 and source 1", id="two keys"),
        pytest.param(
            [OTHER.key_pem, LEAF.cert_pem], "auto", "source 0 does not belong to CN=node in source 1", id="foreign key"
        ),
        pytest.param(
            [LEAF.key_pem, INTERMEDIATE.cert_pem, LEAF.cert_pem],
            "auto",
            "belongs to CN=node in source 2, and CN=Intermediate in source 1 comes before it",
            id="leaf after intermediate",
        ),
        pytest.param(
            [INTERMEDIATE.cert_pem, LEAF.cert_pem],
            "chain",
            "comes first and is a CA certificate",
            id="chain upside down",
        ),
        pytest.param([ROOT.cert_pem, LEAF.cert_pem], "chain", "first and is a root certificate", id="root first"),
        pytest.param(
            [LEAF.cert_pem, ROOT.cert_pem, INTERMEDIATE.cert_pem],
            "chain",
            "CN=Root in source 1, which did not sign it; put CN=Intermediate in source 2 there",
            id="intermediate after root",
        ),
        pytest.param(
            [LEAF.cert_pem, ROOT.cert_pem], "chain", "did not sign it; expected its issuer, CN=Intermediate", id="gap"
        ),
        pytest.param(
            [OTHER.key_pem, OTHER.cert_pem, ROOT.cert_pem], "auto", "self-signed, so nothing may follow", id="no chain"
        ),
        pytest.param(
            [SIGNED_BY_LEAF.cert_pem, OTHER.cert_pem], "chain", "and is no CA certificate", id="signed by a leaf"
        ),
        pytest.param([EXPIRED.cert_pem], "trust", "CN=old in source 0 expired at", id="expired"),
        pytest.param([FUTURE.key_pem, FUTURE.cert_pem], "auto", "CN=soon in source 1 is not valid before", id="future"),
        pytest.param(
            [ROOT.cert_pem, ROOT.cert_pem], "trust", "source 1 is a duplicate: it is also in source 0", id="duplicate"
        ),
        pytest.param([LEAF.cert_pem], "trust", "is no CA certificate itself", id="pinned leaf of a CA"),
        pytest.param(
            [encrypted_pem(LEAF.key, "secret"), LEAF.cert_pem], "auto", "source 0 holds an encrypted", id="encrypted"
        ),
        pytest.param(
            [traditional(made("rsa", key_type="rsa-2048"), b"secret")], "auto", "encrypted", id="encrypted, older form"
        ),
        pytest.param([LEAF.cert_pem[:-12]], "auto", "CERTIFICATE in line 1 that is cut off", id="no end"),
        pytest.param([LEAF.cert_pem[12:]], "auto", "that is cut off", id="no start"),
        pytest.param([LEAF.cert_pem[:200] + LEAF.key_pem], "auto", "that is cut off", id="a key inside a certificate"),
        pytest.param([LEAF.cert_pem.replace(b"M", b"!", 1)], "auto", "damaged", id="no base64"),
        pytest.param([LEAF.cert_pem.replace(b"MII", b"AII", 1)], "auto", "cannot be read", id="no DER"),
        pytest.param([b"-----BEGIN CERTIFICATE----\n" + LEAF.cert_pem], "auto", "first line is damaged", id="boundary"),
        pytest.param(
            [b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"], "auto", "a block 'X509 CRL'", id="CRL"
        ),
        pytest.param(
            [b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"],
            "auto",
            "The PRIVATE KEY in source 0 holds no private key that can be read",
            id="damaged key",
        ),
        pytest.param(
            [b"-----BEGIN EC PARAMETERS-----\nAAAA\n-----END EC PARAMETERS-----\n"], "auto", "neither", id="curve alone"
        ),
    ],
)
def test_a_wrong_bundle_is_refused_with_its_source_and_the_remedy(parts: list[bytes], purpose: str, words: str) -> None:
    assert words in refusal(*parts, purpose=purpose)


def test_no_refusal_shows_a_byte_of_the_key() -> None:
    damaged_key = LEAF.key_pem.replace(b"M", b"!", 1)
    secret = LEAF.key_pem.splitlines()[1].decode()[8:40]
    assert secret not in refusal(OTHER.cert_pem, LEAF.key_pem)
    assert secret not in refusal(damaged_key)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_and_never_crash(data: bytes) -> None:
    _read_or_refused(data)


@settings(max_examples=400, deadline=None)
@given(position=st.integers(0, len(VALID) - 1), replacement=st.binary(max_size=4), cut=st.integers(0, 40))
def test_a_damaged_bundle_is_read_or_refused_and_never_crashes(position: int, replacement: bytes, cut: int) -> None:
    _read_or_refused(VALID[:position] + replacement + VALID[position + cut :])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(der=st.data())
def test_a_certificate_with_damaged_der_is_read_or_refused_and_never_crashes(der: st.DataObject) -> None:
    whole = bytearray(LEAF.certificate.public_bytes(serialization.Encoding.DER))
    for _time in range(der.draw(st.integers(1, 3))):
        whole[der.draw(st.integers(0, len(whole) - 1))] = der.draw(st.integers(0, 255))
    _read_or_refused(_pem("CERTIFICATE", bytes(whole)) + INTERMEDIATE.cert_pem)


@settings(max_examples=50, deadline=None)
@given(parts=st.permutations([LEAF.key_pem, LEAF.cert_pem, INTERMEDIATE.cert_pem, ROOT.cert_pem]))
def test_only_orders_with_leaf_intermediate_root_are_accepted(parts: list[bytes]) -> None:
    certificates = [part for part in parts if part != LEAF.key_pem]
    if certificates == [LEAF.cert_pem, INTERMEDIATE.cert_pem, ROOT.cert_pem]:
        assert bundle(*parts).purpose == "server"
    else:
        assert "put" in refusal(*parts) or "did not sign it" in refusal(*parts)


@settings(max_examples=100, deadline=None)
@given(noise=st.lists(st.text(alphabet=st.characters(codec="ascii", exclude_characters="-"), max_size=80), max_size=4))
def test_reading_what_was_written_gives_the_same_text_again(noise: list[str]) -> None:
    text = "\n".join(noise).encode()
    once = bundle(text + b"\n" + VALID + text).pem
    assert bundle(once).pem == once == VALID


def _pem(label: str, der: bytes) -> bytes:
    import base64

    return f"-----BEGIN {label}-----\n{base64.b64encode(der).decode()}\n-----END {label}-----\n".encode()


def _read_or_refused(data: bytes) -> None:
    assert pem_lines(data)
    try:
        entries = read([source(data)])
        assert all(isinstance(entry, (KeyEntry, CertificateEntry)) for entry in entries)
        assert not any(is_encrypted(block) for block in blocks(source(data)))
        for purpose in ("auto", "server", "chain", "trust"):
            try:
                checked_bundle(entries, purpose, NOW)
            except OrthancTlsError:
                continue
    except OrthancTlsError as error:
        assert "source" in str(error)
