# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a CA has issued goes with it when it retires, and old ones are removed by count, killed anywhere."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from authorities import NOW, PASSPHRASE, brought, made_folder, order
from cryptography.x509.oid import ExtendedKeyUsageOID
from identities import Node
from made_certificates import made
from recorded_service import killed_after

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import sign_leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import client_names
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.info import authority_info
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.issued import (
    IssuedClient,
    facts,
    newest_clients,
    read_issued,
)
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


def client(name: str, start: datetime, end: datetime) -> IssuedClient:
    return IssuedClient(name, [f"URI:urn:{name}"], "1f", "CN=CA", start, end)


@pytest.mark.parametrize(("seconds", "expired"), [(1, False), (0, True), (-1, True)])
def test_a_client_s_certificate_has_expired_in_its_last_second(seconds: int, expired: bool) -> None:
    described = facts(client("jane", NOW, NOW + timedelta(seconds=seconds)), {"CN=CA": "g1"}, NOW)
    assert described == {
        "name": "jane",
        "names": ["URI:urn:jane"],
        "serial": "1f",
        "generation": "g1",
        "not_after": utc_text(NOW + timedelta(seconds=seconds)),
        "expired": expired,
    }
    assert facts(client("jane", NOW, NOW), {}, NOW)["generation"] is None


def test_of_two_certificates_the_newer_counts_and_of_one_second_the_first_that_is_found(tmp_path: Path) -> None:
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH]
    made_at = {name: made("jane", days=(day, 30), usages=usages) for name, day in (("a", -2), ("b", -1), ("c", -1))}
    both = [*usages, ExtendedKeyUsageOID.SERVER_AUTH]
    made_at |= {"d": made("anna", usages=usages), "e": made("node", usages=both), "f": made("none")}
    for name, one in made_at.items():
        (tmp_path / f"{name}.pem").write_bytes(one.cert_pem)
    (tmp_path / "notes.txt").write_text("no certificate")
    found = newest_clients(read_issued([str(tmp_path), str(tmp_path / "missing")]))
    serials = [f"{made_at[name].certificate.serial_number:x}" for name in ("d", "b")]
    assert [(one.name, one.serial) for one in found] == [("anna", serials[0]), ("jane", serials[1])]


def test_a_client_is_one_whether_its_certificates_have_a_common_name_or_not(tmp_path: Path) -> None:
    ca = made_folder(tmp_path)
    for common_name, hours in (("Jane Doe", 0), (None, 1)):
        leaf = sign_leaf(
            ca.signer(PASSPHRASE),
            generate_key("ecdsa-p256").public_key(),
            common_name=common_name,
            names=client_names("Jane Doe"),
            extended_key_usage=["clientAuth"],
            lifetime=timedelta(days=30),
            window=timedelta(days=10),
            now=NOW + timedelta(hours=hours),
        )
        ca.record_issued(leaf)
    (client,) = newest_clients(read_issued(ca.issued_folders()))
    assert (client.name, client.serial) == ("Jane Doe", f"{leaf.serial_number:x}")


def test_no_retired_ca_is_lost_while_there_are_fewer_than_are_kept(tmp_path: Path) -> None:
    ca = made_folder(tmp_path)
    generations = []
    for _time in range(3):
        generations.append(ca.active().generation)
        brought(ca, "staged")
        brought(ca, "active")
        retire(ca, 4)
        assert [authority.generation for authority in ca.retired()] == generations


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
