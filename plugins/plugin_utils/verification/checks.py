# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has answered beside what was expected, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.reader import described, odd
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.expectations import (
    KNOWN_PEERS,
    OWN,
    Expectation,
    peer_url_of,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import Peer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import SeenAnswer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.remedies import remedy
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.seen import SeenVerification

BULK_DATA = "BulkDataURI"


def checks_of(
    host: str, expectations: Sequence[Expectation], peers: Sequence[Peer], seen: SeenVerification
) -> list[Check]:
    """Return one row or more for each expectation; an expectation without an answer is an error.

    C(peers) are those whose URL in Orthanc is compared.
    """
    rows: list[Check] = []
    for expectation in expectations:
        rows += _rows(host, expectation, peers, seen)
    if seen.link is not None and seen.link.ok is not None:
        expected = "a link to the node itself, answered"
        rows.append(Check(host, BULK_DATA, expected, seen.link.seen, seen.link.ok, host, rests_on=(OWN,)))
    reached = {row.asks for row in rows if row.ok and row.status is not None and not (row.relayed or row.refusal)}
    return [row if row.ok else replace(row, remedy=remedy(row, is_reached=row.asks in reached)) for row in rows]


def _rows(host: str, expectation: Expectation, peers: Sequence[Peer], seen: SeenVerification) -> Iterator[Check]:
    name = expectation.probe["name"]
    if name in seen.answers.faults:
        fault = seen.answers.faults[name]
        yield _row(
            host, expectation, name, expected=str(expectation.probe["expect"]), seen=fault, ok=False, error=fault
        )
        return
    found = [answer for answer in seen.answers.results if _answers(answer, expectation.probe)]
    if not found:
        odd(f"{host}: answers", "no answer", f"one to {name!r}")
    if name == KNOWN_PEERS and found[0].ok:
        yield from _urls(host, peers, found[0].json)
        return
    for answer in found:
        yield _row(
            host,
            expectation,
            answer.name,
            expected=answer.expected,
            seen=answer.seen,
            ok=answer.ok,
            status=answer.status,
            alert=answer.alert,
            error=answer.error,
            tls_version=answer.tls_version,
            fingerprint_sha256=answer.fingerprint_sha256,
            words=tuple(seen.words.get(answer.name, ())),
        )


def _answers(answer: SeenAnswer, probe: Mapping[str, Any]) -> bool:
    """A probe of a node's own addresses becomes one for each of them."""
    name = probe["name"]
    return answer.name == name or bool(probe.get("own_addresses") and answer.name.startswith(f"{name} at "))


def _row(host: str, expectation: Expectation, name: str, **what: Any) -> Check:
    control = expectation.probe.get("control")
    rests_on = (control, *expectation.rests_on) if control else expectation.rests_on
    return Check(
        host,
        name,
        asks=expectation.asks,
        url=expectation.probe["url"],
        rests_on=tuple(dict.fromkeys(rests_on)),
        refusal=control is not None,
        relayed=expectation.relayed,
        required=expectation.probe.get("required", True),
        **what,
    )


def _urls(host: str, peers: Sequence[Peer], known: Any) -> Iterator[Check]:
    """Compare where Orthanc believes its peers to be with the inventory."""
    if not isinstance(known, Mapping):
        odd(f"{host}: {KNOWN_PEERS}", described(known), "a dictionary of peers")
    for peer in peers:
        entry, wanted = known.get(peer.name), str(peer.settings["Url"])
        url = entry.get("Url") if isinstance(entry, Mapping) else None
        seen = "no such peer" if not isinstance(url, str) else url
        yield Check(host, peer_url_of(peer.name), wanted, seen, seen.rstrip("/") == wanted.rstrip("/"), peer.host)
