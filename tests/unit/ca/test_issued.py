# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a CA has issued goes with it when it retires, and old ones are removed by count, killed anywhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from authorities import NOW, PASSPHRASE, brought, made_folder, order
from identities import Node
from recorded_service import killed_after

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.info import authority_info
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.states import StateRequest, reach


def used(tmp_path: Path) -> tuple[AuthorityFolder, Node]:
    """Make a CA that has issued twice, and a next one that has issued once and is the active one."""
    ca = made_folder(tmp_path)
    node = Node(ca, tmp_path / "tls")
    node.run()
    node.run(force=True)
    brought(ca, "staged")
    brought(ca, "active")
    node.run()
    return ca, node


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder)) if folder.exists() else []


def retire(ca: AuthorityFolder, keep: int) -> None:
    assert reach(ca, StateRequest("retired", order(), PASSPHRASE, keep_retired=keep), NOW)


def test_what_a_retired_ca_has_issued_is_archived_with_it(tmp_path: Path) -> None:
    ca, node = used(tmp_path)
    root = Path(ca.path)
    issued, (old,) = names(root / "issued"), [authority.generation for authority in ca.superseded()]
    retire(ca, 3)
    archived = names(root / "retired" / old / "issued")
    assert (len(archived), len(names(root / "issued"))) == (2, 1)
    assert sorted(archived + names(root / "issued")) == issued
    assert node.run(force=True)["reason"] == "forced"
    assert oct((root / "retired" / old / "issued").stat().st_mode & 0o777) == "0o700"


def test_a_node_that_missed_the_rollover_is_no_stranger_while_the_retired_ca_is_kept(tmp_path: Path) -> None:
    ca, _node = used(tmp_path)
    late = Node(ca, tmp_path / "late")
    late.run()
    for keep, reason in ((1, "issuer_changed"), (0, "foreign issuer")):
        brought(ca, "staged")
        brought(ca, "active")
        retire(ca, keep)
        if keep:
            assert late.run()["reason"] == reason
        else:
            with pytest.raises(OrthancTlsError, match=reason):
                late.run()


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_retired_cas_are_kept_by_count(tmp_path: Path, keep: int) -> None:
    ca = made_folder(tmp_path)
    for _time in range(4):
        brought(ca, "staged")
        brought(ca, "active")
        retire(ca, keep)
    known = [authority.generation for authority in ca.retired()]
    assert len(known) == keep
    assert names(Path(ca.path) / "retired") == known
    states = [authority["state"] for authority in authority_info(ca.path, NOW)["authorities"]]
    assert states == ["retired"] * keep + ["active"]


def test_killed_anywhere_nothing_is_lost_and_the_next_run_retires(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in range(40):
        ca, node = used(tmp_path_factory.mktemp("ca"))
        root = Path(ca.path)
        issued = names(root / "issued")
        done = killed_after(count, lambda ca=ca: retire(ca, 3), monkeypatch)  # type: ignore[misc]
        if not done:
            assert {authority["state"] for authority in authority_info(ca.path, NOW)["authorities"]} <= {
                "superseded",
                "retired",
                "active",
            }
            brought(ca, "retired")
        (old,) = [authority.generation for authority in ca.retired()]
        assert sorted(names(root / "issued") + names(root / "retired" / old / "issued")) == issued
        assert len(names(root / "issued")) == 1
        assert node.run()["reason"] == "trust_changed"
        if done:
            break
    assert done and count > 5
