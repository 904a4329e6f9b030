# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a CA that is not ours answers is installed only where key, names, usages, dates and chain are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from made_certificates import NOW, Made, made

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import fingerprint_sha256
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import (
    IssuedUnder,
    LeafOrder,
    leaf_reason,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.foreign_answer import Checked, checked

BOTH = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
ROOT = made("Hospital Root", ca=True, days=(-10, 3000))
ISSUING = made("Hospital Issuing CA", ROOT, ca=True, days=(-5, 2000))
OTHER_ROOT = made("Another Root", ca=True, days=(-10, 3000))
KEY = generate_key("ecdsa-p256")
NAMES = ["DNS:node.example.org", "IP:192.0.2.7"]
ORDER = LeafOrder(
    "node.example.org",
    NAMES,
    ["clientAuth", "serverAuth"],
    "ecdsa-p256",
    timedelta(days=60),
    issuer=IssuedUnder("CN=Hospital Root", [fingerprint_sha256(ROOT.certificate)]),
    lifetime=timedelta(days=180),
)


def leaf(issuer: Made = ISSUING, **changes: Any) -> Made:
    its: dict[str, Any] = {"key": KEY, "names": NAMES, "usages": BOTH, "days": (-1, 90), **changes}
    return made("node.example.org", issuer, **its)


def answered(*answer: Made, stated: Sequence[Made] = (ROOT,), order: LeafOrder = ORDER) -> Checked:
    certificates = [one.certificate for one in answer]
    return checked(certificates, KEY.public_key(), order, [one.certificate for one in stated], NOW)


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_order_of_an_answer_does_not_matter_and_the_root_is_left_out(order: tuple[int, ...]) -> None:
    parts = [leaf(), ISSUING, ROOT]
    found = answered(*(parts[place] for place in order))
    assert found.signed.cert == leaf_pem(found) and found.signed.chain == ISSUING.cert_pem
    assert found.signed.leaf.issuer_sha256 == fingerprint_sha256(ROOT.certificate)
    assert leaf_reason(ORDER, found.signed.leaf, NOW) is None


def leaf_pem(found: Checked) -> bytes:
    certificate = x509.load_pem_x509_certificate(found.signed.cert)
    assert certificate.public_key() == KEY.public_key()
    return found.signed.cert


def test_an_intermediate_that_is_stated_need_not_be_in_the_answer() -> None:
    assert answered(leaf(), stated=[ROOT, ISSUING]).signed.chain == ISSUING.cert_pem


def test_of_two_certificates_for_the_key_the_one_that_is_valid_for_longer_is_taken() -> None:
    later = leaf(days=(-1, 100))
    assert answered(leaf(), later, ISSUING).signed.cert == later.cert_pem


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ([leaf(key=generate_key("ecdsa-p256")), ISSUING], "holds no certificate for the key of the request"),
        ([ISSUING], "holds no certificate for the key of the request (CN=Hospital Issuing CA)"),
        ([leaf(names=NAMES[:1]), ISSUING], "lacks the names IP:192.0.2.7; it has DNS:node.example.org."),
        (
            [leaf(names=["DNS:other.example.org"]), ISSUING],
            "lacks the names DNS:node.example.org, IP:192.0.2.7; it has",
        ),
        (
            [leaf(usages=BOTH[:1]), ISSUING],
            "is for serverAuth only, and clientAuth was asked for as well. Ask the CA's",
        ),
        ([leaf(days=(-30, -1)), ISSUING], "expired on"),
        ([leaf(days=(1, 30)), ISSUING], "is not valid before"),
        ([leaf()], "the certificate of CN=Hospital Issuing CA is missing"),
        ([leaf(made("Hospital Issuing CA", OTHER_ROOT, ca=True))], "has an incomplete chain"),
        ([leaf(OTHER_ROOT), OTHER_ROOT], "is of the root CN=Another Root, and orthanc_issuer_ca_certificates has"),
        ([leaf(ca=True), ISSUING], "may sign other certificates"),
    ],
    ids=[
        "wrong key",
        "no leaf",
        "a name is missing",
        "for another host",
        "serverAuth only",
        "expired",
        "not valid yet",
        "no intermediate",
        "intermediate of another",
        "another root",
        "a CA",
    ],
)
def test_what_must_not_serve_is_refused_with_what_was_found(answer: list[Made], complaint: str) -> None:
    with pytest.raises(OrthancTlsError) as error:
        answered(*answer)
    assert complaint in str(error.value)


def test_a_certificate_that_signed_itself_is_refused() -> None:
    own = made("node.example.org", key=KEY, names=NAMES, usages=BOTH)
    with pytest.raises(OrthancTlsError, match="signed with its own key"):
        answered(own)


def test_an_intermediate_that_has_expired_is_refused_by_openssl() -> None:
    issuing = made("Hospital Issuing CA", ROOT, ca=True, days=(-20, -1))
    with pytest.raises(OrthancTlsError, match=r"refused by OpenSSL as sslclient: .*certificate has expired"):
        answered(leaf(issuing), issuing)


def test_a_leaf_without_usages_is_for_all_of_them() -> None:
    found = answered(leaf(usages=()), ISSUING)
    assert leaf_reason(ORDER, found.signed.leaf, NOW) is None


def test_names_beyond_those_ordered_and_a_shorter_life_are_the_issuer_s_affair() -> None:
    found = answered(leaf(names=[*NAMES, "DNS:alias.example.org"], days=(-1, 9)), ISSUING)
    assert leaf_reason(ORDER, found.signed.leaf, NOW) is None
    due = found.signed.leaf.not_after - timedelta(days=3)
    assert leaf_reason(ORDER, found.signed.leaf, due) == "expiring", "a third of ten days, not of 180"


def test_what_only_the_strict_verification_refuses_is_a_warning() -> None:
    found = answered(leaf(), ISSUING)
    assert found.warnings and "-x509_strict" not in found.warnings[0]
    assert "strict verification refuses the certificate as sslclient" in found.warnings[0]


def test_a_server_certificate_serves_where_nothing_else_was_asked_for() -> None:
    order = replace(ORDER, extended_key_usage=["serverAuth"])
    assert answered(leaf(usages=BOTH[:1]), ISSUING, order=order).signed.chain
