# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control node asks of a node arrives as it was sent, and says whose leaf may be replaced."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.foreign_issuer import foreign_issuer
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.request import (
    AcceptedIssuers,
    AnyIssuer,
    InspectRequest,
    OnlyItself,
    SelfSigningOrder,
    TheseIssuers,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    SERVER_TRUST,
    Generation,
    Manifest,
    leaf_files,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
BY_A_CA = Leaf("a", ["DNS:a"], ["clientAuth"], "ecdsa-p256", NOW, NOW + timedelta(days=1), "f", "p", "CN=CA", "ca")
BY_ITSELF = replace(BY_A_CA, issuer="CN=a", issuer_sha256="f")
FILES = {**leaf_files(b"k", b"c", b""), CLIENT_TRUST: b"", SERVER_TRUST: b""}


@pytest.mark.parametrize("accepted", [TheseIssuers({"sha256": "key"}), TheseIssuers({}), OnlyItself(), AnyIssuer()])
@pytest.mark.parametrize("order", [None, SelfSigningOrder(timedelta(days=180), activate=False, keeps_trust=True)])
def test_a_request_arrives_as_it_was_sent(accepted: AcceptedIssuers, order: SelfSigningOrder | None) -> None:
    request = InspectRequest(accepted, "2026-11-24T11:00:00Z", order)
    assert InspectRequest.from_arguments(json.loads(json.dumps(request.to_arguments()))) == request


@pytest.mark.parametrize(
    ("accepted", "leaf", "foreign"),
    [
        (TheseIssuers({"ca": "key"}), BY_A_CA, None),
        (TheseIssuers({"other": "key"}), BY_A_CA, "CN=CA"),
        (TheseIssuers({}), BY_A_CA, "CN=CA"),
        (TheseIssuers({"ca": "key"}), BY_ITSELF, "CN=a"),
        (OnlyItself(), BY_ITSELF, None),
        (OnlyItself(), BY_A_CA, "CN=CA"),
        (AnyIssuer(), BY_A_CA, None),
        (AnyIssuer(), BY_ITSELF, None),
    ],
    ids=str,
)
def test_an_issuer_is_foreign_unless_it_is_accepted(accepted: AcceptedIssuers, leaf: Leaf, foreign: str | None) -> None:
    assert foreign_issuer(Generation("/g", Manifest.of(leaf, FILES), {}), accepted) == foreign
    assert foreign_issuer(None, accepted) is None
