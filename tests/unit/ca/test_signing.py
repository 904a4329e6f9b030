# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is signed is what OpenSSL accepts, for nodes and clients, and nobody gets anything else."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, PASSPHRASE, made_folder, order
from identities import Node, signing
from verifiers import complaints

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.node_key import new_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import load_certificates
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.facts import certificate_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import LeafOrder
from ansible_collections.openimaging.orthanc.plugins.modules.client_certificate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca import openssl_program
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.openssl_program import Piped, run_openssl
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.revocation import revoke
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.signing import sign
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.enrolment import enrol

PERMITTED = ["DNS:hospital.example", "IP:10.20.0.0/16"]


@pytest.fixture(params=[False, True], ids=["root", "intermediate"])
def ca(request: pytest.FixtureRequest, tmp_path: Path) -> AuthorityFolder:
    return made_folder(tmp_path, order(intermediate=request.param, permitted=PERMITTED))


def client(ca: AuthorityFolder, path: Path, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    defaults = {name: option.get("default") for name, option in ARGUMENT_SPEC.items()}
    given = {"path": str(path), "ca_path": ca.path, "ca_passphrase": PASSPHRASE}
    return enrol({**defaults, **given, **options}, check_mode=check_mode, now=NOW)


def issued(ca: AuthorityFolder) -> list[str]:
    return sorted(os.listdir(os.path.join(ca.path, "issued")))


def test_a_node_that_has_an_address_for_its_name_is_accepted_under_constraints(
    tmp_path: Path, ca: AuthorityFolder
) -> None:
    node = Node(ca, tmp_path / "tls", {"common_name": "10.20.0.5"})
    assert node.run(check_mode=True)["changed"]
    assert node.run()["reason"] == "missing"
    leaf, *chain = load_certificates(node.file("fullchain.pem").read_bytes(), "fullchain.pem")
    assert certificate_facts(leaf, NOW)["subject"] == "serialNumber=node:node"
    for name in ("10.20.0.5", None):
        assert complaints(tmp_path, ca.active().root, chain, leaf, name) == {}
    assert not node.run()["changed"]


@pytest.mark.parametrize("name", ["ct2.radiology", "mr1.ward", "10.1.2.3"])
def test_a_client_whose_name_looks_like_a_host_is_accepted_under_constraints(
    tmp_path: Path, ca: AuthorityFolder, name: str
) -> None:
    folder = tmp_path / "client"
    assert client(ca, folder, check_mode=True, common_name=name)["changed"]
    assert client(ca, folder, common_name=name)["names"] == [f"URI:urn:orthanc:client:{name}"]
    leaf, *chain = load_certificates((folder / "fullchain.pem").read_bytes(), "fullchain.pem")
    assert complaints(tmp_path, ca.active().root, chain, leaf, None) == {}
    assert not client(ca, folder, common_name=name)["changed"]


def test_a_name_that_is_forbidden_is_an_error_in_check_mode_too_and_nothing_is_kept(
    tmp_path: Path, ca: AuthorityFolder
) -> None:
    forbidden = {"common_name": "CT 2", "subject_alt_name": ["DNS:ct2.radiology"]}
    for check_mode in (True, False):
        with pytest.raises(OrthancTlsError, match="name constraints forbid DNS:ct2"):
            client(ca, tmp_path / "client", check_mode=check_mode, **forbidden)
    assert not (tmp_path / "client").exists() and not issued(ca)


def test_what_openssl_refuses_is_not_handed_out_and_not_recorded(tmp_path: Path, ca: AuthorityFolder) -> None:
    """A leaf that would be refused for whatever reason; here the common name that the order should not have."""
    node = Node(ca, tmp_path / "tls", {"common_name": "10.20.0.5"})
    mine = signing(node.order())
    wrong = replace(mine, leaf=replace(mine.leaf, common_name="10.20.0.5"))
    said = r"OpenSSL would refuse .* as sslclient: .*permitted subtree violation.* It was not handed out\."
    with pytest.raises(OrthancTlsError, match=said):
        wrong.sign(new_key("ecdsa-p256")[1], NOW)
    with pytest.raises(OrthancTlsError, match=said):
        wrong.rehearse(NOW)
    assert not issued(ca)


def test_a_chain_that_does_not_end_at_the_root_is_not_handed_out(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    mine, other = (made_folder(tmp_path / folder, order(intermediate=True)).active() for folder in ("a", "b"))
    leaf = LeafOrder("archive", ["DNS:archive"], ["serverAuth"], "ecdsa-p256", timedelta(days=60), mine.leaf_issuer)
    key, lifetime = generate_key("ecdsa-p256").public_key(), timedelta(days=180)
    assert sign(mine, PASSPHRASE, key, leaf, lifetime, NOW)
    with pytest.raises(OrthancTlsError, match=r"OpenSSL would refuse .* as sslserver"):
        sign(replace(mine, root=other.root), PASSPHRASE, key, leaf, lifetime, NOW)


def test_without_the_program_nothing_is_signed(
    tmp_path: Path, ca: AuthorityFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OrthancTlsError, match=r"The control node has no program 'openssl'.*install Debian's package"):
        client(ca, tmp_path / "client", common_name="Jane Doe")
    assert not (tmp_path / "client").exists() and not issued(ca)


def test_a_program_that_hangs_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openssl_program, "_SECONDS", 0.2)
    reader, writer = os.pipe()
    try:
        with pytest.raises(OrthancTlsError, match=r"'openssl x509' on the control node did not end within"):
            run_openssl("x509", "-in", f"/proc/{os.getpid()}/fd/{reader}", standard_input=b"")
    finally:
        os.close(reader)
        os.close(writer)


@pytest.mark.parametrize("size", [0, 1, 1 << 20])
def test_any_amount_crosses_in_a_pipe_also_where_nobody_reads_it(size: int) -> None:
    data = os.urandom(size)
    read = run_openssl("enc", "-in", Piped(data), "-none", standard_input=b"")
    assert (read.status, read.output) == (0, data)
    assert run_openssl("version", Piped(data), standard_input=b"").status != 0


def test_nobody_s_configuration_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.cnf").write_text("openssl_conf = missing\n[broken")
    monkeypatch.setenv("OPENSSL_CONF", str(tmp_path / "broken.cnf"))
    assert run_openssl("version", standard_input=b"").status == 0


def test_a_plan_knows_that_a_revoked_node_gets_no_new_certificate(tmp_path: Path) -> None:
    node = Node(made_folder(tmp_path), tmp_path / "tls")
    node.run()
    revoke(node.ca, {"name": "node"}, {}, "stolen", NOW, check_mode=False)
    with pytest.raises(OrthancTlsError, match=r"node:node was revoked on .*stolen.*identity_force"):
        signing(node.order(check_mode=True)).rehearse(NOW)
    assert signing(node.order(check_mode=True, force=True)).rehearse(NOW)
