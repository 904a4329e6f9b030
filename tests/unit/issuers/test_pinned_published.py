# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node that signs for itself publishes is checked against the order before any other node trusts it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, rsa
from made_certificates import made
from pinned_nodes import signing_on_node

from ansible_collections.openimaging.orthanc.plugins.action.certificate import ActionModule
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    SERVER_TRUST,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import self_signed_leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key, private_key_pem
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.trust_bundle import fingerprints, merged
from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import Order
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.selfsigned import self_signed_order

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMES = ["DNS:edge1.example.org"]
BOTH = ["serverAuth", "clientAuth"]


def leaf(
    *,
    names: list[str] | None = None,
    usages: list[str] | None = None,
    key_type: str = "ecdsa-p256",
    lifetime: timedelta = 180 * DAY,
    begins: timedelta = timedelta(),
    common_name: str | None = "edge1.example.org",
) -> str:
    """Sign as a node does that signs for itself; by default what is ordered."""
    certificate = self_signed_leaf(
        generate_key(key_type),
        common_name=common_name,
        names=names or NAMES,
        extended_key_usage=usages or BOTH,
        lifetime=lifetime,
        now=datetime.now(UTC) + begins,
    )
    return certificate_pem(certificate).decode()


class Task(ActionModule):
    """The task of one host, whose module says what a test wants."""

    def __init__(self, answer: Any, *, check_mode: bool) -> None:
        self._answer = answer
        self._task: Any = SimpleNamespace(check_mode=check_mode)

    def _ask(self, enrolment: dict[str, Any], options: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        return {"changed": False, "enrolment": {"known_by": self._answer}}


def options(ca: Path, **changes: Any) -> dict[str, Any]:
    defaults = {name: option.get("default") for name, option in ARGUMENT_SPEC.items()}
    own = {"issuer": "selfsigned", "path": "/etc/orthanc/tls", "ca_path": str(ca), "common_name": "edge1.example.org"}
    return {**defaults, **own, **changes}


def publish(ca: Path, answer: Any, *, check_mode: bool = False, **changes: Any) -> None:
    Task(answer, check_mode=check_mode)._kept_up(options(ca, **changes), {"inventory_hostname": "edge1"})


def pinned(ca: Path) -> set[str]:
    file = ca / "pinned" / "edge1.pem"
    return fingerprints(file.read_bytes()) if file.exists() else set()


def prints(*texts: str) -> set[str]:
    return set().union(*(fingerprints(text.encode()) for text in texts))


def ca_certificate() -> str:
    return made("edge1.example.org", ca=True, names=NAMES).cert_pem.decode()


def issued() -> str:
    return made("edge1.example.org", made("Root", ca=True), names=NAMES).cert_pem.decode()


def says_nothing_of_ca() -> str:
    """Sign without basicConstraints, as OpenSSL takes for a CA that signed for itself."""
    key = generate_key("ecdsa-p256")
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "edge1.example.org")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(datetime.now(UTC)).not_valid_after(datetime.now(UTC) + DAY)
    return certificate_pem(builder.sign(key, hashes.SHA256())).decode()


def of_key(key: Any) -> str:
    return made("edge1.example.org", key=key, names=NAMES).cert_pem.decode()


def key_of(text: str) -> str:
    return private_key_pem(generate_key("ecdsa-p256")).decode() + text


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "a CA": (lambda: [ca_certificate()], "may sign other certificates, as a CA does"),
    "a CA beside a right one": (lambda: [leaf(), ca_certificate()], "may sign other certificates, as a CA does"),
    "no basicConstraints": (lambda: [says_nothing_of_ca()], "may sign other certificates, as a CA does"),
    "issued by another": (lambda: [issued()], "is not signed with its own key|may sign"),
    "another's names": (
        lambda: [leaf(names=["DNS:archive.example.org"])],
        "names DNS:archive.example.org; ordered was",
    ),
    "one more name": (
        lambda: [leaf(names=[*NAMES, "DNS:archive"])],
        "names DNS:archive, DNS:edge1.example.org; ordered",
    ),
    "another common name": (
        lambda: [leaf(common_name="archive")],
        "common name archive; ordered was edge1.example.org",
    ),
    "another usage": (lambda: [leaf(usages=["clientAuth"])], "usages clientAuth; ordered was clientAuth, serverAuth"),
    "another key type": (lambda: [leaf(key_type="rsa-2048")], "key type rsa-2048; ordered was ecdsa-p256"),
    "a weak key": (
        lambda: [of_key(rsa.generate_private_key(65537, 1024))],
        "has a key of type rsa-1024; expected one of",
    ),
    "an unknown key": (lambda: [of_key(dsa.generate_private_key(2048))], "has a key of type .*; expected one of"),
    "for ever": (lambda: [leaf(lifetime=36500 * DAY)], "ordered was one that is valid now, and until"),
    "later": (lambda: [leaf(begins=3 * HOUR, lifetime=DAY)], "ordered was one that is valid now"),
    "garbage": (lambda: ["\x00\ud800 garbage"], "what it publishes holds no PEM"),
    "cut off": (lambda: [leaf()[:300]], "is cut off"),
    "no certificate inside": (lambda: [pem_of("AAAA")], "holds a certificate that cannot be read"),
    "no base64 inside": (lambda: [pem_of("A")], "is damaged"),
    "empty": (lambda: [""], "what it publishes holds no PEM"),
    "two in one text": (lambda: [leaf() + leaf()], "holds 2 certificates in one text; expected one"),
    "a private key": (lambda: [key_of(leaf())], "what it publishes holds a private key"),
    "three": (lambda: [leaf(), leaf(), leaf()], "it publishes 3 certificates; expected at most 2"),
    "huge": (lambda: [leaf() + "x" * 10_000_000], "what it publishes is longer than 65536 bytes"),
    "many": (lambda: [leaf()] * 100_000, "it publishes 100000 certificates"),
    "a dictionary": (lambda: {"pem": leaf()}, "what it publishes is not a list of PEM texts"),
    "numbers": (lambda: [7], "what it publishes is not a list of PEM texts"),
}


def pem_of(body: str) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "run"])
@pytest.mark.parametrize("wrong", WRONG)
def test_what_was_not_ordered_is_an_error_for_that_node_and_trusted_by_no_other(
    tmp_path: Path, wrong: str, check_mode: bool
) -> None:
    good = leaf()
    publish(tmp_path, [good])
    answer, complaint = WRONG[wrong]
    with pytest.raises(OrthancTlsError, match=complaint) as error:
        publish(tmp_path, answer(), check_mode=check_mode)
    assert str(error.value).startswith("edge1: ") and "Nothing was made known to other nodes" in str(error.value)
    assert len(str(error.value)) < 1000
    assert pinned(tmp_path) == prints(good), "the others go on with what they have"


def test_a_renewal_publishes_what_is_live_and_what_waits(tmp_path: Path) -> None:
    live, waits = leaf(), leaf()
    for answer in ([live], [live, waits], [waits, live], [waits]):
        publish(tmp_path, answer)
        assert pinned(tmp_path) == prints(*answer)


def test_in_check_mode_nothing_is_made_known(tmp_path: Path) -> None:
    publish(tmp_path, [leaf()], check_mode=True)
    assert not pinned(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"subject_alt_name": ["DNS:new.example.org"]},
        {"key_type": "rsa-2048"},
        {"lifetime": "20d"},
        {"extended_key_usage": ["clientAuth"]},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_was_ordered_before_stays_known_until_it_has_been_renewed(tmp_path: Path, changes: dict[str, Any]) -> None:
    live = leaf()
    publish(tmp_path, [live])
    waits = leaf(
        names=sorted([*NAMES, *changes.get("subject_alt_name", [])]),
        key_type=changes.get("key_type", "ecdsa-p256"),
        lifetime=20 * DAY,
        usages=changes.get("extended_key_usage", BOTH),
    )
    publish(tmp_path, [live, waits], **changes)
    assert pinned(tmp_path) == prints(live, waits)
    publish(tmp_path, [waits], **changes)
    with pytest.raises(OrthancTlsError, match="ordered was"):
        publish(tmp_path, [live], **changes)


def test_what_has_expired_is_not_made_known_and_is_no_error(tmp_path: Path) -> None:
    expired, new = leaf(begins=-30 * DAY, lifetime=DAY), leaf()
    publish(tmp_path, [new, expired])
    assert pinned(tmp_path) == prints(new)
    publish(tmp_path, [expired])
    assert pinned(tmp_path) == prints(new)


def peer(ca: Path) -> Order:
    """Order for another node, which trusts edge1 and edge2 in both directions."""
    peers = {"pinned_clients": ["edge1", "edge2"], "pinned_servers": ["edge1", "edge2"]}
    return self_signed_order(options(ca, common_name="archive.example.org", **peers), "archive", check_mode=False)


def trusted(order: Order) -> set[str]:
    clients, servers = (fingerprints(order.spec.trust[name]) for name in (CLIENT_TRUST, SERVER_TRUST))
    assert clients == servers
    return clients


KEPT: dict[str, tuple[Callable[[str], bytes], str]] = {
    "a CA": (lambda good: merged(good.encode(), ca_certificate().encode()), "may sign other certificates"),
    "issued by another": (lambda good: merged(good.encode(), issued().encode()), "is not signed|may sign"),
    "a weak key": (lambda good: merged(good.encode(), WRONG["a weak key"][0]()[0].encode()), "rsa-1024"),
}


@pytest.mark.parametrize("wrong", KEPT)
def test_what_nobody_may_trust_is_named_and_left_out_when_peers_read_it(tmp_path: Path, wrong: str) -> None:
    good, other = leaf(), leaf()
    publish(tmp_path, [good])
    (tmp_path / "pinned" / "edge2.pem").write_text(other)
    write, complaint = KEPT[wrong]
    (tmp_path / "pinned" / "edge1.pem").write_bytes(write(good))
    order = peer(tmp_path)
    assert trusted(order) == prints(good, other)
    assert not signing_on_node(order).order.keeps_trust
    (warning,) = order.warnings
    assert warning.startswith(f"{tmp_path}/pinned/edge1.pem: ") and "run site.yml for edge1" in warning
    assert re.search(complaint, warning)


UNREADABLE: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_text(""),
    "cut off": lambda file: file.write_text(leaf()[:300]),
    "no base64": lambda file: file.write_text(pem_of("A")),
    "a key": lambda file: file.write_text(key_of(leaf())),
    "huge": lambda file: file.write_bytes(b"x" * 10_000_000),
    "a folder": Path.mkdir,
}


@pytest.mark.parametrize("wrong", UNREADABLE)
def test_what_cannot_be_read_is_named_and_peers_keep_what_they_trust(tmp_path: Path, wrong: str) -> None:
    other = leaf()
    (tmp_path / "pinned").mkdir(mode=0o700)
    (tmp_path / "pinned" / "edge2.pem").write_text(other)
    UNREADABLE[wrong](tmp_path / "pinned" / "edge1.pem")
    order = peer(tmp_path)
    assert trusted(order) == prints(other)
    assert signing_on_node(order).order.keeps_trust
    (warning,) = order.warnings
    assert f"{tmp_path}/pinned/edge1.pem" in warning and "run site.yml for edge1" in warning
    if wrong != "a folder":
        good = leaf()
        publish(tmp_path, [good])
        assert pinned(tmp_path) == prints(good), "the node's own run writes it anew"
        assert trusted(peer(tmp_path)) == prints(good, other)


def test_what_was_ordered_before_is_left_out_beside_a_renewal_where_nobody_knows_it_any_more(tmp_path: Path) -> None:
    before, renewal = leaf(names=["DNS:archive.example.org"]), leaf()
    publish(tmp_path, [before, renewal])
    assert pinned(tmp_path) == prints(renewal)
