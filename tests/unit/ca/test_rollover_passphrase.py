# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CA that issues next can be opened before it issues, with the passphrase that opens the present one."""

from __future__ import annotations

from pathlib import Path

import pytest
from authorities import NOW, PASSPHRASE, brought, made_folder, order
from made_certificates import encrypted_pem

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import load_private_key
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.authority import Authority
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.states import StateRequest, described, missing_step

MISTYPED = f"{PASSPHRASE} mistyped"


def with_another_passphrase(authority: Authority) -> None:
    """Encrypt the key as an earlier version staged it, which took any passphrase."""
    path = Path(authority.key_path)
    path.write_bytes(encrypted_pem(load_private_key(path.read_bytes(), PASSPHRASE), MISTYPED))


@pytest.mark.parametrize("intermediate", [False, True])
def test_the_next_ca_is_not_made_with_a_passphrase_that_does_not_open_the_present_one(
    tmp_path: Path, intermediate: bool
) -> None:
    folder = made_folder(tmp_path, order(intermediate=intermediate))
    for act in (
        lambda: missing_step(folder, StateRequest("staged", order(), MISTYPED), NOW),
        lambda: brought(folder, "staged", passphrase=MISTYPED),
    ):
        with pytest.raises(OrthancTlsError, match=r"The passphrase does not open /.*\.key; check the passphrase"):
            act()
    assert [facts["state"] for facts in described(folder)] == ["active"]


def test_a_passphrase_is_tried_on_the_ca_that_is_staged_already(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    brought(folder, "staged")
    with_another_passphrase(folder.staged()[0])
    with pytest.raises(OrthancTlsError, match="passphrase does not open"):
        brought(folder, "staged")
    assert not brought(folder, "staged", passphrase=None)


def test_where_the_present_key_is_gone_the_next_ca_has_any_passphrase(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    Path(folder.active().key_path).unlink()
    assert brought(folder, "staged", passphrase=MISTYPED)
    assert brought(folder, "active", passphrase=MISTYPED)
    assert folder.signer(MISTYPED)


def test_a_staged_ca_that_cannot_be_opened_does_not_become_the_one_that_issues(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    brought(folder, "staged")
    active, (staged,) = folder.active_generation(), folder.staged()
    with_another_passphrase(staged)
    with pytest.raises(OrthancTlsError, match=rf"does not open .*{staged.generation}/ca.key.*give it up") as no:
        brought(folder, "active")
    assert f"generation {staged.generation}" in str(no.value) and PASSPHRASE not in str(no.value)
    with pytest.raises(OrthancTlsError, match=r"passphrase is missing.*ansible-vault"):
        brought(folder, "active", passphrase=None)
    assert folder.active_generation() == active
    assert brought(folder, "active", passphrase=MISTYPED)


def test_a_ca_whose_making_was_interrupted_is_opened_before_it_issues(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    (tmp_path / "ca" / "active").unlink()
    with pytest.raises(OrthancTlsError, match="passphrase does not open"):
        brought(folder, "present", passphrase=MISTYPED)
    with pytest.raises(OrthancTlsError, match="passphrase is missing"):
        brought(folder, "present", passphrase=None)
    assert brought(folder, "present")


def test_a_generation_that_is_not_staged_does_not_issue_also_where_none_is(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    old = folder.active().generation
    assert not brought(folder, "active", generation=old)
    with pytest.raises(OrthancTlsError, match=r"x is not staged in the CA's folder /.*/ca, where none is staged"):
        brought(folder, "active", generation="x")
    brought(folder, "staged")
    staged = folder.staged()[0].generation
    with pytest.raises(OrthancTlsError, match=f"x is not staged in the CA's folder .*; expected {staged}"):
        brought(folder, "active", generation="x")
    brought(folder, "active")
    with pytest.raises(OrthancTlsError, match=f"{old} is not staged"):
        brought(folder, "active", generation=old)
    assert not brought(folder, "active", generation=staged)
    brought(folder, "retired")
    with pytest.raises(OrthancTlsError, match=f"{old} is not staged"):
        brought(folder, "active", generation=old)
