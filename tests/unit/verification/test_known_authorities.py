# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle that holds a retired CA is told, by the CA's key; a CA folder of another fleet gives no all-clear."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from authorities import NOW, brought, made_folder

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.facts import certificate_facts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.known_authorities import (
    KnownAuthorities,
    bundle_checks,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.seen import certificates_of


def test_each_bundle_with_a_retired_ca_is_a_row_that_fails(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    old = folder.active()
    for state in ("staged", "active", "retired"):
        assert brought(folder, state)
    known = KnownAuthorities.of(folder.path)
    facts = {
        "client_trust": [certificate_facts(one, NOW) for one in (old.root, folder.active().root)],
        "server_trust": [certificate_facts(folder.active().root, NOW)],
    }
    bundles = {name: certificates_of("a", facts, name) for name in facts}
    rows = {row.name: row for row in bundle_checks("a", bundles, known.retired)}
    assert {name: row.ok for name, row in rows.items()} == {"client-trust.pem": False, "server-trust.pem": True}
    assert old.common_name in rows["client-trust.pem"].seen and "--limit a" in rows["client-trust.pem"].remedy


def test_the_expired_certificate_is_that_of_the_active_ca_and_not_in_any_repr(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    known = KnownAuthorities.of(folder.path)
    assert known.expired_client == Path(folder.active().expired_path).read_text()
    assert "PRIVATE KEY" not in repr(known)


def test_an_identity_of_another_ca_is_an_error_that_names_the_folder(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    known = KnownAuthorities.of(folder.path)
    (root,) = [certificate_facts(folder.active().root, NOW)]
    known.refuse_stranger("a", {"certificates": [root]})
    stranger = {**root, "issuer": "CN=Stranger"}
    said = f"a: the node's certificate was issued by 'CN=Stranger', which the CA folder {folder.path} does not hold"
    with pytest.raises(OrthancTlsError, match=re.escape(said)):
        known.refuse_stranger("a", {"certificates": [stranger]})


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OrthancTlsError, match="Cannot open the CA's folder"):
        KnownAuthorities.of(str(tmp_path / "none"))
