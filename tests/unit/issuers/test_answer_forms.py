# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer is read in each form in which CAs hand out certificates; what else it holds is refused."""

from __future__ import annotations

import contextlib

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from hypothesis import given
from hypothesis import strategies as st
from made_certificates import hierarchy

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.answer_forms import (
    MOST_BYTES,
    certificates_in,
)

ROOT, INTERMEDIATE, LEAF = hierarchy()
ALL = [LEAF.certificate, INTERMEDIATE.certificate, ROOT.certificate]


@pytest.mark.parametrize(
    "data",
    [
        LEAF.cert_pem + INTERMEDIATE.cert_pem + ROOT.cert_pem,
        b"subject=CN = node\n\n"
        + LEAF.cert_pem.replace(b"\n", b"\r\n")
        + b"text\n"
        + INTERMEDIATE.cert_pem
        + ROOT.cert_pem,
        LEAF.cert_pem + LEAF.cert_pem + INTERMEDIATE.cert_pem + ROOT.cert_pem,
        pkcs7.serialize_certificates(ALL, Encoding.PEM),
        pkcs7.serialize_certificates(ALL, Encoding.DER),
    ],
    ids=["PEM", "PEM with text and CRLF", "twice", "PKCS#7 as PEM", "PKCS#7 as DER"],
)
def test_each_form_holds_the_same_certificates(data: bytes) -> None:
    assert set(certificates_in(data)) == set(ALL) and len(certificates_in(data)) == 3


def test_a_der_file_holds_one() -> None:
    assert certificates_in(LEAF.certificate.public_bytes(Encoding.DER)) == [LEAF.certificate]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "holds no certificate; expected is PEM, DER or PKCS#7."),
        (b"<html>Access denied</html>", "holds no certificate"),
        (LEAF.cert_pem + LEAF.key_pem, "holds a private key"),
        (LEAF.cert_pem.replace(b"MII", b"AAA", 1), "holds a certificate that cannot be read"),
        (LEAF.cert_pem + b" " * MOST_BYTES, "is longer than"),
    ],
    ids=["nothing", "a page", "a private key", "damaged", "endless"],
)
def test_anything_else_is_refused(data: bytes, complaint: str) -> None:
    with pytest.raises(OrthancTlsError) as error:
        certificates_in(data)
    assert complaint in str(error.value)


@given(st.binary(max_size=200), st.sampled_from([b"", LEAF.cert_pem, LEAF.certificate.public_bytes(Encoding.DER)]))
def test_garbage_is_an_error_or_left_out_and_never_anything_else(garbage: bytes, real: bytes) -> None:
    for data in (garbage + real, real + garbage, garbage[:100] + real + garbage[100:]):
        with contextlib.suppress(OrthancTlsError):
            assert certificates_in(data) == [LEAF.certificate]
