# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The subject's serialNumber says whose a certificate is, in characters that every program reads."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.holders import LONGEST, holder_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import self_signed_leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key

PRINTABLE_STRING = 0x13
KEY = generate_key("ecdsa-p256")


@pytest.mark.parametrize(
    ("kind", "name", "holder"),
    [
        ("node", "edge1", "node:edge1"),
        ("node", "ct-1.ward.test", "node:ct-1.ward.test"),
        ("client", "CT scanner 2", "client:CT scanner 2"),
        ("client", "anna@example.org", "client:anna=40example.org"),
        ("client", "J\u00fcrgen", "client:J=C3=BCrgen"),
        ("node", "edge_1", "node:edge=5F1"),
    ],
)
def test_a_holder_is_the_name_where_a_certificate_can_hold_it(kind: str, name: str, holder: str) -> None:
    assert holder_of(kind, name) == holder


@given(st.text(min_size=1, max_size=300))
def test_every_name_fits_a_printable_string_of_64_characters(name: str) -> None:
    holder = holder_of("client", name)
    assert len(holder) <= LONGEST
    assert re.fullmatch(r"[A-Za-z0-9 '()+,\-./:=?]+", holder)


@given(st.text(max_size=80), st.text(max_size=80))
def test_two_names_never_become_one(one: str, other: str) -> None:
    assert (holder_of("node", one) == holder_of("node", other)) == (one == other)


def test_a_leaf_says_whose_it_is_and_openssl_can_read_that() -> None:
    leaf = self_signed_leaf(
        KEY,
        common_name="archive",
        names=["DNS:archive"],
        extended_key_usage=["serverAuth"],
        lifetime=timedelta(days=1),
        now=datetime.now(UTC),
        holder=holder_of("node", "archive_1"),
    )
    again = x509.load_der_x509_certificate(leaf.public_bytes(serialization.Encoding.DER))
    (attribute,) = again.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    assert attribute.value == "node:archive=5F1"
    assert bytes([PRINTABLE_STRING, len("node:archive=5F1")]) + b"node:archive=5F1" in leaf.tbs_certificate_bytes


def test_a_subject_of_the_holder_alone_is_no_empty_subject() -> None:
    leaf = self_signed_leaf(
        KEY,
        common_name=None,
        names=["DNS:archive"],
        extended_key_usage=["serverAuth"],
        lifetime=timedelta(days=1),
        now=datetime.now(UTC),
        holder="node:archive",
    )
    assert not leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).critical
