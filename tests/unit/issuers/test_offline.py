# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The issuer C(offline): requests lie in a folder, and a later run takes what was put beside them, in any form."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from issuers_tasks import NAME, NodeHost
from made_certificates import NOW, Made, made

ROOT = made("Hospital Root", ca=True, days=(-10, 3000))
ISSUING = made("Hospital Issuing CA", ROOT, ca=True, days=(-5, 2000))


def signed(csr: x509.CertificateSigningRequest, issuer: Made, names: bool = True, days: int = 90) -> x509.Certificate:
    """Sign what a request asks for, as a CA does; without C(names) all but its names."""
    builder = x509.CertificateBuilder().subject_name(csr.subject).issuer_name(issuer.certificate.subject)
    builder = builder.public_key(csr.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(NOW - timedelta(hours=1)).not_valid_after(NOW + timedelta(days=days))
    for extension in csr.extensions:
        if names or not isinstance(extension.value, x509.SubjectAlternativeName):
            builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(issuer.key, hashes.SHA256())


@dataclass
class Desk:
    """A node, and the folder on the control node."""

    host: NodeHost

    @property
    def folder(self) -> Path:
        return self.host.folder / "desk"

    def run(self, **options: Any) -> dict[str, Any]:
        own = {"issuer_folder": str(self.folder), "issuer_ca_certificates": [ROOT.cert_pem.decode()]}
        return self.host.task("offline", **{**own, **options})

    def request(self) -> x509.CertificateSigningRequest:
        return x509.load_pem_x509_csr((self.folder / "requests" / "node.csr").read_bytes())

    def answer(self, name: str, data: bytes) -> None:
        (self.folder / "answers" / name).write_bytes(data)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(NodeHost(tmp_path))


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def test_the_request_is_laid_out_with_a_list_until_it_is_answered(desk: Desk) -> None:
    first = desk.run(subject_alt_name=["IP:192.0.2.7"])
    assert not first["failed"] and "node.csr to be signed" in first["pending"]["waits_for"]
    listed = (desk.folder / "requests" / "orders.txt").read_text()
    for said in ("node.csr", f"subject: {NAME}", f"DNS:{NAME}, IP:192.0.2.7", "clientAuth, serverAuth"):
        assert said in listed
    request = desk.request()
    assert not desk.run(subject_alt_name=["IP:192.0.2.7"])["changed"] and desk.request() == request

    desk.answer("from-the-ca.cer", pem(signed(request, ISSUING), ISSUING.certificate))
    made_ = desk.run(subject_alt_name=["IP:192.0.2.7"])
    assert made_["renewed"] and made_["pending"] is None
    assert not (desk.folder / "requests" / "node.csr").exists()
    assert "node.csr" not in (desk.folder / "requests" / "orders.txt").read_text()
    assert not desk.run(subject_alt_name=["IP:192.0.2.7"])["changed"]


Forms = Callable[[x509.Certificate], dict[str, bytes]]
FORMS: dict[str, Forms] = {
    "one PEM, the root first": lambda leaf: {"a.pem": pem(ROOT.certificate, ISSUING.certificate, leaf)},
    "DER, and the issuer in a file of its own": lambda leaf: {
        "certnew(1).cer": leaf.public_bytes(Encoding.DER),
        "issuing.crt": ISSUING.cert_pem,
    },
    "PKCS#7 as DER": lambda leaf: {
        "certnew.p7b": pkcs7.serialize_certificates([ISSUING.certificate, leaf], Encoding.DER)
    },
    "PKCS#7 as PEM": lambda leaf: {"x": pkcs7.serialize_certificates([leaf, ISSUING.certificate], Encoding.PEM)},
    "beside what is not for it": lambda leaf: {
        "other.pem": made("other", ISSUING).cert_pem,
        "README": b"Dear colleague",
        "zz.pem": pem(leaf, ISSUING.certificate),
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_each_usual_form_of_answer_is_taken_by_its_key(desk: Desk, form: str) -> None:
    desk.run()
    leaf = signed(desk.request(), ISSUING)
    for name, data in FORMS[form](leaf).items():
        desk.answer(name, data)
    result = desk.run()
    assert result["renewed"], result
    assert desk.host.leaf() == leaf
    assert (desk.host.tls / "current" / "chain.pem").read_bytes() == ISSUING.cert_pem


def test_files_that_are_for_no_request_are_named_where_one_waits(desk: Desk) -> None:
    desk.run()
    desk.answer("notes.txt", b"I am on holiday")
    desk.answer("mine.pem", made("x").key_pem)
    desk.answer("other.pem", made("other", ISSUING).cert_pem)
    waits = desk.run()["pending"]["waits_for"]
    assert "nothing is for this key" in waits and "notes.txt holds no certificate" in waits
    assert "mine.pem holds a private key" in waits


def test_a_wrong_answer_is_an_error_until_a_right_one_lies_beside_it(desk: Desk) -> None:
    desk.run()
    request = desk.request()
    desk.answer("wrong.pem", pem(signed(request, ISSUING, names=False, days=400), ISSUING.certificate))
    refused = desk.run()
    assert refused["failed"] and f"lacks the names DNS:{NAME}" in refused["msg"] and "answers" in refused["msg"]
    assert not (desk.host.tls / "current").exists()
    desk.answer("right.pem", pem(signed(request, ISSUING)))
    assert desk.run()["renewed"]


def test_an_answer_to_an_earlier_request_is_none(desk: Desk) -> None:
    desk.run()
    desk.answer("a.pem", pem(signed(desk.request(), ISSUING), ISSUING.certificate))
    desk.run()
    waits = desk.run(force=True)
    assert not waits["failed"] and "nothing is for this key" in waits["pending"]["waits_for"]
    assert waits["pending"]["valid"]


def test_the_key_stays_on_the_node(desk: Desk) -> None:
    told = json.dumps([desk.run(), desk.host.sent])
    secret = (desk.host.tls / "pending" / "key.pem").read_text().splitlines()[1:-1]
    written = b"".join(file.read_bytes() for file in desk.folder.rglob("*") if file.is_file()).decode()
    assert secret and not [line for line in secret if line in told + written]


@pytest.mark.parametrize(
    ("folder", "complaint"), [("desk", "expected is the absolute path"), ("/nonexistent/a", "does not exist")]
)
def test_a_folder_that_cannot_be_used_is_known_in_check_mode(desk: Desk, folder: str, complaint: str) -> None:
    failed = desk.run(issuer_folder=folder, check_mode=True)
    assert failed["failed"] and complaint in failed["msg"]


def test_check_mode_lays_nothing_out(desk: Desk) -> None:
    assert desk.run(check_mode=True)["changed"] and not desk.folder.exists()
