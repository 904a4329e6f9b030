# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An issuer that answers later: key and CSR stay until it does or the order changes, and the old certificate serves."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from identities import snapshot
from issuers_tasks import NodeHost
from own_issuers import House, registered

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment import steps
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.verification import verify
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import Signer, ca_subject, create_root
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.request import VerificationRequest
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.result import whole_result
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.seen import SeenVerification

WAITS = "a colleague to sign"


@pytest.fixture
def host(tmp_path: Path) -> NodeHost:
    return NodeHost(tmp_path)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    house = registered(monkeypatch)[0]
    house.answers_later = True
    return house


def pending(host: NodeHost) -> Path:
    return host.tls / "pending"


def key(pem: bytes) -> bytes:
    return x509.load_pem_x509_csr(pem).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_what_is_not_there_yet_is_kept_and_asked_for_with_the_same_key(host: NodeHost, house: House) -> None:
    house.waits_for = WAITS
    ordered = host.task("house")
    assert (ordered["changed"], ordered["renewed"], ordered["failed"]) == (True, False, False)
    assert ordered["steps"] == ["inspect", "wait"]
    assert (ordered["pending"]["waits_for"], ordered["pending"]["valid"]) == (WAITS, False)
    assert not (host.tls / "current").exists()
    before = snapshot(host.tls)

    again = host.task("house")
    assert (again["changed"], again["pending"]) == (False, ordered["pending"])
    assert "not there yet (a colleague to sign)" in again["warnings"][0] and "There is no other" in again["warnings"][0]
    assert snapshot(host.tls) == before and house.asked[0] == house.asked[1]

    house.waits_for = ""
    made = host.task("house")
    assert (made["changed"], made["renewed"], made["reason"], made["pending"]) == (True, True, "missing", None)
    assert key(house.asked[0]) == host.leaf().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert not pending(host).exists() and not host.task("house")["changed"]


def test_the_old_certificate_serves_meanwhile_and_what_is_trusted_still_changes(host: NodeHost, house: House) -> None:
    host.task("house")
    first = host.leaf()
    house.waits_for = WAITS
    waits = host.task("house", force=True)
    assert waits["pending"]["valid"] and waits["pending"]["not_after"] == waits["not_after"]
    assert "The present one is valid until" in waits["warnings"][0]
    assert host.leaf() == first

    root = generate_key("ecdsa-p256")
    other = create_root(
        root, ca_subject("Other", "2"), lifetime=timedelta(days=99), constraints=None, now=datetime.now(UTC)
    )
    house.further = certificate_pem(other)
    trusting = host.task("house")
    assert (trusting["changed"], trusting["renewed"], trusting["reason"]) == (True, False, "trust_changed")
    assert certificate_pem(other) in (host.tls / "current" / "client-trust.pem").read_bytes()
    assert host.leaf() == first and trusting["pending"]["since"] == waits["pending"]["since"]
    assert not host.task("house")["changed"]

    house.waits_for = ""
    renewed = host.task("house")
    assert (renewed["renewed"], renewed["reason"]) == (True, "forced"), "it was forced in another run"
    assert host.leaf() != first and not host.task("house")["changed"]


def test_another_order_replaces_the_one_that_waits(host: NodeHost, house: House) -> None:
    house.waits_for = WAITS
    host.task("house")
    host.task("house", subject_alt_name=["DNS:pacs.example.org"])
    assert key(house.asked[0]) != key(house.asked[1])
    house.waits_for = ""
    host.task("house", subject_alt_name=["DNS:pacs.example.org"])
    assert len(house.issued) == 1 and house.asked[1] == house.asked[2]


def test_an_order_that_nobody_wants_any_more_is_forgotten(host: NodeHost, house: House) -> None:
    host.task("house")
    house.waits_for = WAITS
    host.task("house", subject_alt_name=["DNS:pacs.example.org"])
    assert pending(host).is_dir()
    planned = host.task("house", check_mode=True)
    assert not planned["changed"] and pending(host).is_dir()
    assert not host.task("house")["changed"] and not pending(host).exists()


def test_no_leftovers_are_looked_for_where_an_order_waits(host: NodeHost, house: House) -> None:
    house.waits_for = WAITS
    host.task("house")
    for path in [host.tls, *host.tls.rglob("*")]:
        os.utime(path, (0, 0))
    host.task("house")
    assert house.asked[0] == house.asked[1]


@pytest.mark.parametrize("damage", ["key.pem", "request.pem", "order.json"])
def test_an_order_that_is_damaged_is_placed_anew(host: NodeHost, house: House, damage: str) -> None:
    house.waits_for = WAITS
    host.task("house")
    (pending(host) / damage).unlink()
    host.task("house")
    house.waits_for = ""
    assert host.task("house")["renewed"]
    assert house.asked[0] != house.asked[1] == house.asked[2]


def test_check_mode_says_what_waits_and_asks_nobody(host: NodeHost, house: House) -> None:
    house.waits_for = WAITS
    host.task("house")
    before = snapshot(host.tls)
    planned = host.task("house", check_mode=True)
    assert planned["pending"]["waits_for"] == WAITS and planned["steps"] == ["inspect"]
    assert len(house.asked) == 1 and snapshot(host.tls) == before


def test_an_issuer_that_fails_keeps_the_order(host: NodeHost, house: House) -> None:
    house.refuses = True
    assert host.task("house")["steps"] == ["inspect"]
    house.refuses = False
    assert host.task("house")["renewed"] and house.asked[0] == house.asked[1]


def test_a_certificate_that_cannot_be_installed_leaves_the_order_and_can_be_corrected(
    host: NodeHost, house: House
) -> None:
    right = house.root
    house.root = Signer(right.certificate, generate_key("ecdsa-p256"))
    failed = host.task("house")
    assert failed["failed"] and not (host.tls / "current").exists()
    assert [path.name for path in host.tls.rglob("*.pem") if path.parent != pending(host)] == []
    house.root = right
    assert host.task("house")["renewed"] and house.asked[0] == house.asked[1]


def test_a_certificate_that_expired_while_it_was_waited_for_is_not_valid(
    host: NodeHost, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.task("house")
    house.waits_for = WAITS
    host.task("house", force=True)
    later = datetime.now(UTC) + timedelta(days=181)

    monkeypatch.setattr(steps, "datetime", SimpleNamespace(now=lambda _zone: later))
    monkeypatch.setattr("ansible_collections.openimaging.orthanc.plugins.action.certificate._now", lambda: later)
    waits = host.task("house")
    assert not waits["failed"] and not waits["pending"]["valid"]
    assert "damaged or expired" in waits["warnings"][0]


def test_another_issuer_forgets_the_order(host: NodeHost, house: House) -> None:
    host.task("house")
    house.waits_for = WAITS
    host.task("house", force=True)
    house.answers_later, house.waits_for = False, ""
    host.task("house")
    assert not pending(host).exists()


def test_of_an_order_nothing_but_its_public_side_is_told(host: NodeHost, house: House) -> None:
    house.waits_for = WAITS
    told = json.dumps([host.task("house"), host.task("house", check_mode=True), host.sent])
    secret = (pending(host) / "key.pem").read_text().splitlines()[1:-1]
    assert secret and not [line for line in secret if line in told]


def test_a_verification_says_what_is_waited_for_and_fails_nothing_for_it(host: NodeHost, house: House) -> None:
    house.waits_for = WAITS
    host.task("house")
    first = verified(host)
    assert (first["checks"], first["ends"]) == ([], []) and first["waits"].endswith(f"not there yet ({WAITS})")

    house.waits_for = ""
    host.task("house")
    assert verified(host)["ends"][0]["waits"] == ""
    house.waits_for = WAITS
    host.task("house", force=True)
    (row,) = [row for row in verified(host)["checks"] if row["name"] == "end of certificate"]
    assert row["ok"] and WAITS in row["seen"] and "valid until" in row["seen"]


def verified(host: NodeHost) -> dict[str, Any]:
    """What a verification of the node's identity alone would tell, from the node's answer to the result."""
    options = {"path": str(host.tls), "probes": [], "timeout": 1, "relayed": [], "log": None, "dicom_web": None}
    now = datetime.now(UTC)
    answer = json.loads(json.dumps(verify({**options, "certificate": None}, now)))
    seen = SeenVerification.read("node", answer)
    return whole_result("node", VerificationRequest([], [], {}), seen, None, None, now)
