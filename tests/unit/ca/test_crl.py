# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CRLs in the CA's folder, as the program openssl reads them."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from authorities import NOW, PASSPHRASE, made_folder, order
from cryptography import x509

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import sign_leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.crl import Published, publish
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.revocation import revoke

KEY = generate_key("ecdsa-p256")
INTERMEDIATE = pytest.mark.parametrize("intermediate", [False, True])


def folder_of(path: Path, *, intermediate: bool = False) -> AuthorityFolder:
    return made_folder(path, order(intermediate=intermediate))


def issued(folder: AuthorityFolder, name: str) -> x509.Certificate:
    leaf = sign_leaf(
        folder.signer(PASSPHRASE),
        KEY.public_key(),
        common_name=name,
        names=[f"email:{name}@example.org"],
        extended_key_usage=["clientAuth"],
        lifetime=timedelta(days=180),
        window=timedelta(0),
        now=NOW,
        holder=f"client:{name}",
    )
    folder.record_issued(leaf)
    return leaf


def revoked(folder: AuthorityFolder, name: str, now: datetime = NOW) -> None:
    revoke(folder, {"name": name}, {}, "lost", now, check_mode=False)


def published(folder: AuthorityFolder, passphrase: str | None = PASSPHRASE, **options: bool) -> Published:
    return publish(folder, passphrase, NOW, check_mode=options.get("check_mode", False))


def issuing_crl(folder: AuthorityFolder) -> Path:
    return Path(folder.active().crls[-1][2])


def openssl(*arguments: str) -> str:
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False).stdout


def number(crl: Path) -> int:
    return int(openssl("crl", "-in", str(crl), "-noout", "-crlnumber").partition("=")[2], 16)


def verdict(folder: AuthorityFolder, leaf: x509.Certificate, path: Path) -> str:
    """Ask openssl for the whole chain, which it refuses where a CA has no CRL, or an expired one."""
    active = folder.active()
    (path / "leaf.pem").write_bytes(certificate_pem(leaf))
    (path / "untrusted.pem").write_bytes(active.chain_pem)
    (path / "crls.pem").write_bytes(b"".join(Path(crl).read_bytes() for _ca, _key, crl in active.crls))
    untrusted = ["-untrusted", str(path / "untrusted.pem")] if active.chain else []
    last_day = int((NOW + timedelta(days=179)).timestamp())
    done = subprocess.run(
        [
            *("openssl", "verify", "-x509_strict", "-crl_check_all", "-attime", str(last_day), *untrusted),
            *("-CAfile", f"{active.folder}/ca.pem", "-CRLfile", str(path / "crls.pem"), str(path / "leaf.pem")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@INTERMEDIATE
def test_a_new_ca_has_its_crls_and_openssl_takes_everybody(tmp_path: Path, *, intermediate: bool) -> None:
    folder = folder_of(tmp_path, intermediate=intermediate)
    assert verdict(folder, issued(folder, "anna"), tmp_path).endswith(": OK\n")
    assert published(folder, None) == Published([], [])


@INTERMEDIATE
def test_openssl_refuses_who_is_revoked_and_nobody_else(tmp_path: Path, *, intermediate: bool) -> None:
    folder = folder_of(tmp_path, intermediate=intermediate)
    anna, bert = issued(folder, "anna"), issued(folder, "bert")
    revoked(folder, "anna")
    assert published(folder) == Published([str(issuing_crl(folder))], [])
    assert "certificate revoked" in verdict(folder, anna, tmp_path)
    assert verdict(folder, bert, tmp_path).endswith(": OK\n")
    assert published(folder) == Published([], [])


def test_it_is_valid_as_long_as_its_ca_and_for_its_owner_alone(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    ca = Path(folder.active().folder) / "ca.pem"
    ends = [
        openssl("crl", "-in", str(issuing_crl(folder)), "-noout", "-nextupdate").partition("=")[2],
        openssl("x509", "-in", str(ca), "-noout", "-enddate").partition("=")[2],
    ]
    assert ends[0] == ends[1] != ""
    assert issuing_crl(folder).stat().st_mode & 0o777 == 0o600


def test_each_number_is_higher_than_the_one_before_also_within_a_second(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    numbers = [number(issuing_crl(folder))]
    for name in ("anna", "bert", "carl"):
        issued(folder, name)
        revoked(folder, name)
        published(folder)
        numbers.append(number(issuing_crl(folder)))
    assert sorted(set(numbers)) == numbers


def test_of_publishers_at_once_the_last_number_is_the_highest_and_nobody_is_forgotten(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    names = [f"client{one}" for one in range(6)]
    leaves = [issued(folder, name) for name in names]

    def revoke_and_publish(name: str) -> list[int]:
        own = AuthorityFolder(folder.path)
        revoked(own, name)
        published(own)
        return [number(issuing_crl(folder))]

    with ThreadPoolExecutor(6) as pool:
        numbers = [one for found in pool.map(revoke_and_publish, names) for one in found]
    assert number(issuing_crl(folder)) >= max(numbers)
    text = openssl("crl", "-in", str(issuing_crl(folder)), "-noout", "-text")
    found = {int(serial, 16) for serial in re.findall(r"Serial Number: ([0-9A-F]+)", text)}
    assert found == {leaf.serial_number for leaf in leaves}


@pytest.mark.parametrize("passphrase", [None, "a wrong passphrase"])
def test_without_its_key_the_crl_stays_and_is_named_and_the_next_run_writes_it(
    tmp_path: Path, passphrase: str | None
) -> None:
    folder = folder_of(tmp_path)
    issued(folder, "anna")
    revoked(folder, "anna")
    before = issuing_crl(folder).read_bytes()
    done = published(folder, passphrase)
    assert done.written == []
    assert len(done.behind) == 1 and f"{issuing_crl(folder)} is not up to date" in done.behind[0]
    assert issuing_crl(folder).read_bytes() == before
    assert published(folder).written == [str(issuing_crl(folder))]


def test_a_root_whose_key_is_kept_elsewhere_keeps_its_own_crl(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, intermediate=True)
    anna = issued(folder, "anna")
    revoked(folder, "anna")
    (Path(folder.active().folder) / "ca.key").unlink()
    assert published(folder) == Published([str(issuing_crl(folder))], [])
    assert "certificate revoked" in verdict(folder, anna, tmp_path)


@pytest.mark.parametrize("found", [b"", b"no CRL"])
def test_a_crl_that_is_missing_or_damaged_is_written_anew(tmp_path: Path, found: bytes) -> None:
    folder = folder_of(tmp_path)
    issuing_crl(folder).unlink()
    if found:
        issuing_crl(folder).write_bytes(found)
    assert published(folder).written == [str(issuing_crl(folder))]
    assert verdict(folder, issued(folder, "anna"), tmp_path).endswith(": OK\n")


def test_in_check_mode_nothing_is_written(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    issued(folder, "anna")
    revoked(folder, "anna")
    before = issuing_crl(folder).read_bytes()
    assert published(folder, check_mode=True).written == [str(issuing_crl(folder))]
    assert issuing_crl(folder).read_bytes() == before
