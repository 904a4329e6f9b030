# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CA folder: readable with openssl, closed to others, and clear about what is wrong with it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from authorities import NOW, PASSPHRASE, brought, made_folder, order
from made_certificates import encrypted_pem
from recorded_service import killed_after

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    certificate_pem,
    fingerprint_sha256,
    issued_by,
    load_certificates,
    not_after,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import sign_leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import (
    generate_key,
    load_private_key,
    private_key_pem,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca import folder as authority_module
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.info import authority_info


@pytest.fixture(scope="module", params=[False, True], ids=["root", "intermediate"])
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("template")
    return Path(made_folder(parent, order(intermediate=request.param)).path)


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> AuthorityFolder:
    shutil.copytree(template, tmp_path / "ca", symlinks=True)
    return AuthorityFolder(str(tmp_path / "ca"))


def openssl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)


def test_layout_and_modes(folder: AuthorityFolder) -> None:
    generation = folder.active().generation
    names = {str(path.relative_to(folder.path)) for path in Path(folder.path).rglob("*")}
    own = {f"authorities/{generation}/{name}" for name in ("ca.pem", "ca.key", "crl.pem", "expired.pem")}
    if folder.active().chain:
        own |= {f"authorities/{generation}/{name}" for name in ("issuing.pem", "issuing.key", "issuing-crl.pem")}
    assert names == own | {"active", "authorities", f"authorities/{generation}", "issued"}
    assert os.readlink(os.path.join(folder.path, "active")) == f"authorities/{generation}"
    for path in [Path(folder.path), *Path(folder.path).rglob("*")]:
        if not path.is_symlink():
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_plain_openssl_reads_keys_and_certificates(folder: AuthorityFolder) -> None:
    active = Path(folder.path, "active")
    for key in active.glob("*.key"):
        assert openssl("pkey", "-in", str(key), "-passin", f"pass:{PASSPHRASE}", "-noout").returncode == 0
        assert openssl("pkey", "-in", str(key), "-passin", "pass:wrong", "-noout").returncode != 0
    subject = openssl("x509", "-in", str(active / "ca.pem"), "-noout", "-subject").stdout
    # OpenSSL 3.0 puts spaces around the sign, 3.5 does not.
    assert subject.replace(" = ", "=") == f"subject=CN=Test CA, serialNumber={folder.active().generation}\n"


def test_the_key_file_holds_nothing_in_the_clear(folder: AuthorityFolder) -> None:
    for key in Path(folder.path, "active").glob("*.key"):
        assert key.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
        assert key.read_text().count("BEGIN") == 1


def test_chain_trust_and_issuers(folder: AuthorityFolder) -> None:
    active = folder.active()
    assert active.chain == ([] if active.issuing == active.root else [active.issuing])
    assert load_certificates(active.chain_pem, "chain") == active.chain if active.chain else active.chain_pem == b""
    assert folder.trust_pem() == certificate_pem(active.root)
    assert folder.known_issuers() == {fingerprint_sha256(active.issuing): active.generation}


def test_the_expired_client_is_of_this_ca_and_needs_no_passphrase(folder: AuthorityFolder) -> None:
    active = folder.active()
    pem = Path(active.expired_path).read_bytes()
    leaf, *chain = load_certificates(pem, "expired.pem")
    assert load_private_key(pem, None).public_key() == leaf.public_key()
    assert chain == active.chain and issued_by(leaf, active.issuing)
    assert not_after(leaf) == NOW - timedelta(days=1)


def test_the_signer_signs_and_what_it_signed_is_recorded_once(folder: AuthorityFolder) -> None:
    leaf = sign_leaf(
        folder.signer(PASSPHRASE),
        generate_key("ecdsa-p256").public_key(),
        common_name="archive",
        names=["DNS:archive"],
        extended_key_usage=["serverAuth"],
        lifetime=timedelta(days=180),
        window=timedelta(days=60),
        now=NOW,
    )
    assert issued_by(leaf, folder.active().issuing)
    path = folder.record_issued(leaf)
    assert path == os.path.join(folder.path, "issued", f"{leaf.serial_number:x}.pem")
    assert Path(path).read_bytes() == certificate_pem(leaf)
    with pytest.raises(OrthancTlsError, match=r"Cannot record the issued certificate in .*: File exists"):
        folder.record_issued(leaf)
    assert os.listdir(os.path.dirname(path)) == [os.path.basename(path)]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_an_issued_certificate_is_recorded_whole_or_not_at_all(
    folder: AuthorityFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder.active().root
    for count in range(20):
        done = killed_after(count, lambda: folder.record_issued(root), monkeypatch)
        found = [path for path in Path(folder.path, "issued").iterdir() if path.suffix == ".pem"]
        assert all(path.read_bytes() == certificate_pem(root) for path in found)
        if done:
            break
        for path in Path(folder.path, "issued").iterdir():
            path.unlink()
    assert done and count == 3


@pytest.mark.parametrize(
    ("passphrase", "complaint"),
    [
        (None, r"\.key is encrypted, and no passphrase was given"),
        ("", r"\.key is encrypted, and no passphrase was given"),
        ("wrong", r"passphrase does not open /.*\.key; check the passphrase"),
    ],
)
def test_signing_without_the_right_passphrase(folder: AuthorityFolder, passphrase: str | None, complaint: str) -> None:
    with pytest.raises(OrthancTlsError, match=complaint):
        folder.signer(passphrase)


def test_a_foreign_key_signs_nothing(folder: AuthorityFolder) -> None:
    Path(folder.active().key_path).write_bytes(encrypted_pem(generate_key("ecdsa-p256"), PASSPHRASE))
    with pytest.raises(OrthancTlsError, match=r"\.key is not the key of the certificate beside it"):
        folder.signer(PASSPHRASE)


@pytest.mark.parametrize("path", ["ca", "./ca", "", "~/ca"])
def test_relative_path(path: str) -> None:
    with pytest.raises(OrthancTlsError, match=f"path '{path}' is relative; write an absolute path"):
        AuthorityFolder(path)


def test_a_path_is_tidied() -> None:
    assert AuthorityFolder("/srv//pki/../ca/").path == "/srv/ca"


def test_missing_folder(tmp_path: Path) -> None:
    folder = AuthorityFolder(str(tmp_path / "ca"))
    assert not folder.exists()
    with pytest.raises(OrthancTlsError, match=r"Cannot open the CA's folder /.*/ca: No such file.*create the CA first"):
        folder.check()
    with pytest.raises(OrthancTlsError, match="has no active CA; create the CA first"):
        folder.active()


@pytest.mark.parametrize("mode", [0o750, 0o755, 0o701, 0o770])
def test_folder_open_to_others(folder: AuthorityFolder, mode: int) -> None:
    os.chmod(folder.path, mode)
    with pytest.raises(OrthancTlsError, match=f"has mode {mode:04o}, open to others; chmod 0700 it"):
        folder.check()


def test_folder_of_another_user(folder: AuthorityFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(OrthancTlsError, match=f"belongs to user {owner}, and this is user {owner + 1}"):
        folder.check()


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "ca").write_text("")
    with pytest.raises(OrthancTlsError, match="is not a folder; name a folder"):
        AuthorityFolder(str(tmp_path / "ca")).check()


def test_missing_cryptography_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authority_module, "HAS_CRYPTOGRAPHY", False)
    with pytest.raises(OrthancTlsError, match="cryptography is missing on the control node"):
        AuthorityFolder("/srv/ca")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def not_encrypted(path: Path) -> None:
    path.write_bytes(private_key_pem(generate_key("ecdsa-p256")))


CERTIFICATE_DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "gone": (Path.unlink, r"Cannot read /.*/ca\.pem of the CA: No such file"),
    "cut off": (cut, r"/ca\.pem holds a certificate that is cut off"),
    "empty": (lambda path: path.write_text(""), r"/ca\.pem holds no certificate"),
    "no CA": (
        lambda path: path.write_bytes(path.with_name("expired.pem").read_bytes()),
        r"/ca\.pem holds something else than one CA certificate",
    ),
}
KEY_DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "gone": (Path.unlink, r"Cannot read /.*\.key of the CA: No such file"),
    "cut off": (cut, r"\.key is damaged: it holds no whole encrypted private key"),
    "not encrypted": (not_encrypted, r"\.key is damaged: it holds no whole encrypted private key"),
    "open to others": (lambda path: path.chmod(0o640), r"\.key has mode 0640, so that others can read.*chmod 0600 it"),
}


@pytest.mark.parametrize("damage", CERTIFICATE_DAMAGES)
def test_a_damaged_certificate_is_found(folder: AuthorityFolder, damage: str) -> None:
    harm, complaint = CERTIFICATE_DAMAGES[damage]
    harm(Path(folder.active().folder, "ca.pem"))
    with pytest.raises(OrthancTlsError, match=complaint):
        folder.active()


@pytest.mark.parametrize("damage", KEY_DAMAGES)
def test_a_damaged_key_is_found_by_whoever_signs_and_stops_nobody_else(folder: AuthorityFolder, damage: str) -> None:
    harm, complaint = KEY_DAMAGES[damage]
    harm(Path(folder.active().key_path))
    with pytest.raises(OrthancTlsError, match=complaint):
        folder.signer(PASSPHRASE)
    assert authority_info(folder.path, NOW)["authorities"][0]["state"] == "active"
    assert not brought(folder, "present", passphrase="")


@pytest.mark.parametrize("damage", KEY_DAMAGES)
def test_a_ca_whose_key_is_damaged_is_not_made_the_one_that_issues(folder: AuthorityFolder, damage: str) -> None:
    harm, complaint = KEY_DAMAGES[damage]
    active = folder.active_generation()
    assert brought(folder, "staged")
    (staged,) = folder.staged()
    harm(Path(staged.key_path))
    with pytest.raises(OrthancTlsError, match=complaint):
        brought(folder, "active")
    assert folder.active_generation() == active


@pytest.mark.parametrize("state", ["superseded", "retired"])
def test_the_key_of_a_ca_that_issues_no_longer_may_be_destroyed(folder: AuthorityFolder, state: str) -> None:
    old = folder.active()
    for step in ("staged", "active", "retired"):
        if state == step or step != "retired":
            assert brought(folder, step)
    for key in Path(folder.path).glob(f"*/{old.generation}/*.key"):
        key.unlink()
    assert {known.generation for known in [*folder.authorities(), *folder.retired()]} >= {old.generation}
    first = authority_info(folder.path, NOW)["authorities"][0]
    assert (first["generation"], first["state"]) == (old.generation, state)
    assert folder.signer(PASSPHRASE)
    for step in ("present", "staged", "active", "retired"):
        brought(folder, step)


def test_an_intermediate_of_another_root_is_found(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    folder, other = (made_folder(parent, order(intermediate=True)) for parent in (tmp_path, tmp_path / "other"))
    Path(folder.active().folder, "ca.pem").write_bytes(certificate_pem(other.active().root))
    with pytest.raises(OrthancTlsError, match="do not sign one another"):
        folder.active()


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("authorities/20200101T000000Z-abcdef", "which is no authority here; restore it"),
        ("/etc", "points to '/etc', which is no authority here"),
        (None, "is no link to an authority"),
    ],
)
def test_a_wrong_link(folder: AuthorityFolder, target: str | None, complaint: str) -> None:
    link = Path(folder.path, "active")
    link.unlink()
    if target:
        link.symlink_to(target)
    else:
        link.write_text("")
    with pytest.raises(OrthancTlsError, match=complaint):
        folder.active()


def test_an_issuer_stays_known_after_it_was_retired(folder: AuthorityFolder) -> None:
    old = folder.active()
    for state in ("staged", "active", "retired"):
        assert brought(folder, state)
    assert folder.known_issuers()[old.issuing_sha256] == old.generation
    assert old.generation != folder.active().generation
    assert certificate_pem(old.root) not in folder.trust_pem()


def test_the_root_s_key_may_be_taken_away_where_an_intermediate_issues(tmp_path: Path) -> None:
    folder = made_folder(tmp_path, order(intermediate=True))
    Path(folder.active().folder, "ca.key").unlink()
    assert folder.signer(PASSPHRASE)
