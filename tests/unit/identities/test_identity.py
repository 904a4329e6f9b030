# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an identity is replaced: each reason, and which comes first where several hold."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    SERVER_TRUST,
    Generation,
    Manifest,
    leaf_files,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.spec import IdentitySpec, reason
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import (
    IssuedBy,
    IssuedByItself,
    LeafIssuer,
    LeafOrder,
    NoIssuerYet,
    Reason,
    leaf_reason,
)

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
END = NOW + timedelta(days=180)
TRUST = {CLIENT_TRUST: b"clients", SERVER_TRUST: b"servers"}
LEAF = Leaf("a", ["DNS:a"], ["clientAuth", "serverAuth"], "ecdsa-p256", NOW, END, "f", "p", "CN=CA", "issuer")
WINDOW = timedelta(days=60)
ORDER = LeafOrder(
    "a", ["DNS:a"], ["clientAuth", "serverAuth"], "ecdsa-p256", WINDOW, issuer=IssuedBy("CN=CA", "issuer")
)
SPEC = IdentitySpec(ORDER, TRUST)
GENERATION = Generation("/g", Manifest.of(LEAF, {**leaf_files(b"k", b"c", b""), **TRUST}), {})

# In the order in which they count.
CHANGES: dict[Reason, dict[str, Any]] = {
    Reason.ISSUER_CHANGED: {"issuer": IssuedBy("CN=CA", "other")},
    Reason.NAMES_CHANGED: {"names": ["DNS:a", "DNS:b"]},
    Reason.KEY_CHANGED: {"key_type": "ed25519"},
    Reason.EXPIRING: {"window": timedelta(days=180)},
    Reason.FORCED: {"force": True},
    Reason.TRUST_CHANGED: {"trust": {**TRUST, SERVER_TRUST: b"others"}},
}


def changed(spec: IdentitySpec, **changes: Any) -> IdentitySpec:
    """Change what is asked of the leaf, and of the rest."""
    of_leaf = {name: changes.pop(name) for name in list(changes) if hasattr(spec.leaf, name)}
    return replace(spec, leaf=replace(spec.leaf, **of_leaf), **changes)


def test_nothing_is_due_when_all_is_as_asked_for() -> None:
    assert reason(SPEC, GENERATION, NOW) is None


@pytest.mark.parametrize("why", CHANGES)
def test_each_change_is_a_reason(why: Reason) -> None:
    assert reason(changed(SPEC, **CHANGES[why]), GENERATION, NOW) is why


@given(st.sets(st.sampled_from(list(CHANGES)), min_size=1))
def test_the_first_reason_in_the_list_wins(whys: set[Reason]) -> None:
    spec = changed(SPEC, **{name: value for why in whys for name, value in CHANGES[why].items()})
    assert reason(spec, GENERATION, NOW) is min(whys, key=list(Reason).index)


@pytest.mark.parametrize("change", [{"common_name": None}, {"extended_key_usage": ["serverAuth"]}])
def test_common_name_and_usages_count_as_names(change: dict[str, Any]) -> None:
    assert reason(changed(SPEC, **change), GENERATION, NOW) is Reason.NAMES_CHANGED


@pytest.mark.parametrize("bundle", [CLIENT_TRUST, SERVER_TRUST])
def test_either_trust_bundle_counts(bundle: str) -> None:
    spec = changed(SPEC, trust={**TRUST, bundle: b"others"})
    assert reason(spec, GENERATION, NOW) is Reason.TRUST_CHANGED


def test_missing_and_damaged_come_before_all_others() -> None:
    spec = changed(SPEC, **{name: value for change in CHANGES.values() for name, value in change.items()})
    assert reason(spec, None, NOW) is Reason.MISSING
    assert reason(spec, Generation("/g", None, {}), NOW) is Reason.DAMAGED
    assert reason(spec, replace(GENERATION, faults={"key.pem": "has mode 0644"}), NOW) is Reason.DAMAGED


@given(st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_due_from_the_window_on_and_expired_from_the_end_on(distance: timedelta) -> None:
    expected = Reason.EXPIRED if distance >= timedelta() else Reason.EXPIRING if distance >= -WINDOW else None
    assert reason(SPEC, GENERATION, END + distance) is expected


def test_only_a_changed_trust_bundle_keeps_the_leaf() -> None:
    assert [why for why in Reason if not why.renews] == [Reason.TRUST_CHANGED]


@given(
    st.timedeltas(timedelta(minutes=1), timedelta(days=9999)).map(
        lambda delta: timedelta(seconds=delta // timedelta(seconds=1))
    )
)
def test_a_specification_arrives_as_it_was_sent(window: timedelta) -> None:
    for issuer in (IssuedBy("CN=CA", "issuer"), IssuedByItself(), NoIssuerYet()):
        arrives_as_it_was_sent(changed(SPEC, window=window, issuer=issuer))


def arrives_as_it_was_sent(spec: IdentitySpec) -> None:
    assert IdentitySpec.from_arguments(json.loads(json.dumps(spec.to_arguments()))) == spec


@pytest.mark.parametrize("why", [why for why in CHANGES if why is not Reason.TRUST_CHANGED])
def test_with_trust_only_a_renewal_waits_and_trust_does_not(why: Reason) -> None:
    spec = changed(SPEC, trust_only=True, **CHANGES[why])
    assert reason(spec, GENERATION, END - timedelta(seconds=1)) is None
    others = changed(spec, trust={**TRUST, CLIENT_TRUST: b"others"})
    assert reason(others, GENERATION, END - timedelta(seconds=1)) is Reason.TRUST_CHANGED


def test_with_trust_only_what_is_missing_damaged_or_expired_is_replaced() -> None:
    spec = changed(SPEC, trust_only=True)
    assert reason(spec, None, NOW) is Reason.MISSING
    assert reason(spec, replace(GENERATION, faults={"key.pem": "has mode 0644"}), NOW) is Reason.DAMAGED
    assert reason(spec, GENERATION, END) is Reason.EXPIRED


ITS_OWN_ISSUER = replace(LEAF, issuer_sha256=LEAF.fingerprint_sha256)


@pytest.mark.parametrize(
    ("issuer", "leaf", "fits"),
    [
        (IssuedBy("CN=CA", "issuer"), LEAF, True),
        (IssuedBy("CN=CA", "other"), LEAF, False),
        (IssuedBy("CN=CA", "issuer"), ITS_OWN_ISSUER, False),
        (IssuedByItself(), ITS_OWN_ISSUER, True),
        (IssuedByItself(), LEAF, False),
        (NoIssuerYet(), LEAF, False),
        (NoIssuerYet(), ITS_OWN_ISSUER, False),
    ],
    ids=str,
)
def test_no_ca_yet_and_the_leaf_itself_are_two_different_issuers(issuer: LeafIssuer, leaf: Leaf, fits: bool) -> None:
    why = leaf_reason(replace(ORDER, issuer=issuer), leaf, NOW)
    assert why is (None if fits else Reason.ISSUER_CHANGED)
