# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(client_certificate) from its options to its result: names, dates and fingerprints, never a key or a passphrase."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.state import digest
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import LeafOrder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.files import CA, PKCS12
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.order import ClientOrder, Due, Seen
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.pkcs12 import opens

_SHARED = ("common_name", "names", "extended_key_usage", "key_type")
_UNENCRYPTED = (
    "client.p12 in {path} is not encrypted, as pkcs12_passphrase is empty: anybody who reads the file has the "
    "private key. Delete it once it is imported, or set a passphrase."
)
_ED25519 = "client.p12 in {path} has an Ed25519 key, which browsers and Windows do not take; choose another key_type."


def enrol(options: Mapping[str, Any], *, check_mode: bool, now: datetime) -> dict[str, Any]:
    """Make the folder what the task asks for; the result has C(diff) and C(warnings). Check mode writes nothing."""
    order = ClientOrder.of(options, check_mode=check_mode)
    seen = order.look()
    due = order.due(seen, now)
    if due is None:
        return _unchanged(order, seen)
    if check_mode:
        return _promised(order, seen, due, options["ca_passphrase"], now)
    with order.folder.exclusive():
        return _done(order, options["ca_passphrase"], now)


def _done(order: ClientOrder, ca_passphrase: str | None, now: datetime) -> dict[str, Any]:
    # Looked at again under the lock: another run may have done it meanwhile.
    seen = order.look()
    due = order.due(seen, now)
    if due is None:
        return _unchanged(order, seen)
    before, holding = _before(order, seen), seen.holding
    if holding is None or due.renews:
        holding = order.make(ca_passphrase, now)
    order.folder.write(order.name, holding, order.trust)
    leaf = order.read(holding)
    return _result(order, due, leaf, {"before": before, "after": _after(order, leaf)})


def _unchanged(order: ClientOrder, seen: Seen) -> dict[str, Any]:
    before = _before(order, seen)
    return _result(order, None, seen.leaf, {"before": before, "after": before})


def _promised(order: ClientOrder, seen: Seen, due: Due, ca_passphrase: str | None, now: datetime) -> dict[str, Any]:
    before = _before(order, seen)
    if not due.renews:
        return _result(order, due, seen.leaf, {"before": before, "after": _after(order, seen.leaf)})
    # Signing for a key that is thrown away raises now what would stop the run.
    leaf = order.read(order.rehearse(ca_passphrase, now)) if order.authority else None
    after = _after(order, leaf) | {"fingerprint_sha256": None}
    return _result(order, due, None, {"before": before, "after": after})


def _result(order: ClientOrder, due: Due | None, leaf: Leaf | None, diff: dict[str, Any]) -> dict[str, Any]:
    passphrase = order.passphrases.pkcs12
    return {
        "changed": due is not None,
        "renewed": due is not None and due.renews,
        "reason": due.reason if due else None,
        "path": order.folder.path,
        "names": order.leaf.names,
        "not_after": utc_text(leaf.not_after) if leaf else None,
        "fingerprint_sha256": leaf.fingerprint_sha256 if leaf else None,
        "trust_sha256": digest(order.trust) if order.authority else None,
        "pkcs12_encrypted": None if passphrase is None else bool(passphrase),
        "warnings": _warnings(order) if due else [],
        "diff": diff,
    }


def _warnings(order: ClientOrder) -> list[str]:
    if order.passphrases.pkcs12 is None:
        return []
    unencrypted = [_UNENCRYPTED] if not order.passphrases.pkcs12 else []
    ed25519 = [_ED25519] if order.leaf.key_type == "ed25519" else []
    return [text.format(path=order.folder.path) for text in unencrypted + ed25519]


def _before(order: ClientOrder, seen: Seen) -> dict[str, Any]:
    if seen.fault is not None:
        return {"fault": seen.fault}
    if seen.holding is None or seen.leaf is None:
        return {}
    faults = order.folder.faults(seen.holding, order.trust) if seen.holding.key else {}
    return {
        **_leaf(seen.leaf),
        "trust_sha256": digest(order.folder.content(CA) or b""),
        "key": "encrypted" if b"ENCRYPTED" in seen.holding.key_pem else "not encrypted",
        "pkcs12": _pkcs12(order.folder.content(PKCS12)),
        **({"faults": faults} if faults else {}),
    }


def _after(order: ClientOrder, leaf: Leaf | None) -> dict[str, Any]:
    passphrases = order.passphrases
    return {
        **(_leaf(leaf) if leaf else _ordered(order.leaf)),
        "trust_sha256": digest(order.trust) if order.authority else None,
        "key": "not encrypted" if passphrases.key is None else "encrypted",
        "pkcs12": "absent" if passphrases.pkcs12 is None else "encrypted" if passphrases.pkcs12 else "not encrypted",
    }


def _ordered(leaf: LeafOrder) -> dict[str, Any]:
    return {**{name: getattr(leaf, name) for name in _SHARED}, "issuer": leaf.issuer.name}


def _leaf(leaf: Leaf) -> dict[str, Any]:
    return {
        **{name: getattr(leaf, name) for name in _SHARED},
        "issuer": leaf.issuer,
        "not_before": utc_text(leaf.not_before),
        "not_after": utc_text(leaf.not_after),
        "fingerprint_sha256": leaf.fingerprint_sha256,
    }


def _pkcs12(data: bytes | None) -> str:
    if data is None:
        return "absent"
    return "not encrypted" if opens(data, "") else "encrypted"
