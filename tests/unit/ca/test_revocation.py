# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revocation without any key: which certificates are meant, what front-ends compare, and who gets no new one."""

from __future__ import annotations

import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from authorities import NOW, PASSPHRASE, made_folder, order
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    certificate_pem,
    fingerprint_sha256,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import sign_leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.deny_list import (
    deny_list,
    deny_list_of,
    read_revoked,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.revocation import (
    refuse_revoked,
    revoke,
    revoked_name,
)

KEY = generate_key("ecdsa-p256")
LATER = NOW + timedelta(hours=1)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture
def folder(tmp_path: Path) -> AuthorityFolder:
    return made_folder(tmp_path, order(key_type="ecdsa-p256"))


def issued(
    folder: AuthorityFolder, holder: str | None, names: list[str], *, days: int = 180, common_name: str | None = None
) -> x509.Certificate:
    leaf = sign_leaf(
        folder.signer(PASSPHRASE),
        KEY.public_key(),
        common_name=common_name,
        names=names,
        extended_key_usage=["clientAuth"],
        lifetime=timedelta(days=days),
        window=timedelta(0),
        now=NOW,
        holder=holder,
    )
    folder.record_issued(leaf)
    return leaf


def revoked(folder: AuthorityFolder, *, check_mode: bool = False, **asked: str) -> set[str]:
    aliases = {"edge1": ["edge1.example.org", "192.0.2.7"]}
    done = revoke(folder, asked, aliases, "lost laptop", LATER, check_mode=check_mode)
    return {one.fingerprint_sha256 for one in done.certificates}


def test_a_name_means_all_its_certificates_that_are_still_valid_and_nobody_else_s(folder: AuthorityFolder) -> None:
    first, second = (issued(folder, "client:anna", ["email:anna@example.org"]) for _time in range(2))
    issued(folder, "client:annabel", ["email:anna@example.org"])
    issued(folder, "node:edge1", ["DNS:edge1.example.org"])
    assert revoked(folder, name="ANNA") == {fingerprint_sha256(first), fingerprint_sha256(second)}
    assert {one.reason for one in read_revoked(folder.path)} == {"lost laptop"}


def test_a_certificate_of_an_earlier_version_is_found_by_the_names_in_it(folder: AuthorityFolder) -> None:
    node = issued(folder, None, ["DNS:edge1.example.org"])
    person = issued(folder, None, ["email:anna@example.org"])
    assert revoked(folder, name="edge1") == {fingerprint_sha256(node)}
    assert revoked(folder, name="anna@example.org") == {fingerprint_sha256(person)}
    assert {one.holder for one in read_revoked(folder.path)} == {"node:edge1", "client:anna=40example.org"}


def test_serial_fingerprint_and_file_mean_one_certificate(folder: AuthorityFolder, tmp_path: Path) -> None:
    leaf = issued(folder, "client:anna", ["email:anna@example.org"])
    issued(folder, "client:anna", ["email:anna@example.org"])
    (tmp_path / "anna.pem").write_bytes(certificate_pem(leaf))
    sha256 = leaf.fingerprint(hashes.SHA256()).hex(":").upper()
    only = {fingerprint_sha256(leaf)}
    assert revoked(folder, check_mode=True, serial=f"{leaf.serial_number:X}") == only
    assert revoked(folder, check_mode=True, fingerprint=sha256) == only
    assert revoked(folder, check_mode=True, fingerprint=leaf.fingerprint(hashes.SHA1()).hex()) == only
    assert revoked(folder, check_mode=True, file=str(tmp_path / "anna.pem")) == only
    assert read_revoked(folder.path) == []


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({}, "exactly one of revoke_name"),
        ({"name": "anna", "serial": "1"}, "found 2"),
        ({"name": "nobody"}, "has issued none that is still valid with revoke_name 'nobody'"),
        ({"file": "/nowhere.pem"}, r"Cannot read /nowhere.pem \(revoke_file\)"),
    ],
)
def test_what_means_no_certificate_is_an_error_and_nothing_is_revoked(
    folder: AuthorityFolder, asked: dict[str, str], complaint: str
) -> None:
    issued(folder, "client:anna", ["email:anna@example.org"])
    with pytest.raises(OrthancTlsError, match=complaint):
        revoke(folder, asked, {}, "lost laptop", LATER, check_mode=False)
    assert read_revoked(folder.path) == []


def test_a_certificate_whose_signature_was_rewritten_is_still_on_the_list(folder: AuthorityFolder) -> None:
    """Who has an ECDSA certificate can write its signature in a second form: another fingerprint, and as valid."""
    leaf = issued(folder, "client:anna", ["email:anna@example.org"])
    r, s = decode_dss_signature(leaf.signature)
    der = leaf.public_bytes(Encoding.DER)
    start = der.index(leaf.tbs_certificate_bytes)
    end = start + len(leaf.tbs_certificate_bytes)
    algorithm = der[end : end + 2 + der[end + 1]]
    signature = b"\0" + encode_dss_signature(r, P256_ORDER - s)
    body = leaf.tbs_certificate_bytes + algorithm + bytes([3, len(signature)]) + signature
    other = x509.load_der_x509_certificate(b"\x30\x82" + len(body).to_bytes(2, "big") + body)
    key = folder.active().issuing.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(other.signature, other.tbs_certificate_bytes, ec.ECDSA(hashes.SHA256()))
    assert fingerprint_sha256(other) != fingerprint_sha256(leaf)
    revoked(folder, name="anna")
    assert f"    {openssl_serial(other)} 1;" in deny_list_of(folder.path).splitlines()


def openssl_serial(certificate: x509.Certificate) -> str:
    pem = certificate_pem(certificate)
    command = ["openssl", "x509", "-noout", "-serial"]
    said = subprocess.run(command, input=pem, capture_output=True, check=True).stdout
    return said.decode().strip().removeprefix("serial=")


def test_a_short_serial_of_a_foreign_ca_counts_with_its_issuer_alone(folder: AuthorityFolder, tmp_path: Path) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, 'Klinik "S\u00fcd" (1)')])
    foreign = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(2)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=9))
        .sign(KEY, hashes.SHA256())
    )
    (tmp_path / "foreign.pem").write_bytes(certificate_pem(foreign))
    revoked(folder, file=str(tmp_path / "foreign.pem"))
    (line,) = re.findall(r'^    "~(.*)" 1;$', deny_list_of(folder.path), re.MULTILINE)
    pattern = re.sub(r"\\(.)", r"\1", line)  # as nginx reads a text in quotes
    (one,) = read_revoked(folder.path)
    assert re.search(pattern, f"02 {one.issuer}")
    assert not re.search(pattern, "02 CN=Another") and not re.search(pattern, f"0202 {one.issuer}")


def test_a_revoked_name_gets_no_new_certificate_until_that_is_asked_for(folder: AuthorityFolder) -> None:
    issued(folder, "client:anna", ["email:anna@example.org"])
    refuse_revoked(folder, "client:anna", LATER, "")
    revoked(folder, name="anna")
    with pytest.raises(OrthancTlsError, match=r"client:anna was revoked on .*lost laptop"):
        refuse_revoked(folder, "client:anna", LATER, "")
    with pytest.raises(OrthancTlsError, match="was revoked"):
        refuse_revoked(folder, "client:anna", NOW + timedelta(days=400), "")
    issued(folder, "client:anna", ["email:anna@example.org"])
    assert revoked_name(folder, "client:anna", LATER) is None


def test_a_record_that_cannot_be_read_is_an_error_as_its_certificate_would_be_let_in(folder: AuthorityFolder) -> None:
    issued(folder, "client:anna", ["email:anna@example.org"])
    revoked(folder, name="anna")
    (file,) = Path(folder.path, "revoked").iterdir()
    file.write_text(file.read_text()[:-20])
    with pytest.raises(OrthancTlsError, match=r"says which certificate is revoked.*Restore the file"):
        deny_list_of(folder.path)


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_first_revocation_of_a_certificate_is_a_change(folder: AuthorityFolder, check_mode: bool) -> None:
    issued(folder, "client:anna", ["email:anna@example.org"])
    assert revoke(folder, {"name": "anna"}, {}, "lost laptop", LATER, check_mode=check_mode).changed


def test_the_second_revocation_of_a_certificate_keeps_what_the_first_one_said(folder: AuthorityFolder) -> None:
    issued(folder, "client:anna", ["email:anna@example.org"])
    revoked(folder, name="anna")
    before = read_revoked(folder.path)
    again = revoke(folder, {"name": "anna"}, {}, "again", NOW + timedelta(days=2), check_mode=False)
    assert read_revoked(folder.path) == before
    assert not again.changed


def test_where_nothing_is_revoked_the_list_denies_nobody() -> None:
    assert " 1;" not in deny_list([])
