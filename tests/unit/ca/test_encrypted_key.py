# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys at rest: what a guess at the passphrase costs, which passphrases are taken, and what weak ones lead to."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from authorities import PASSPHRASE, brought, made_folder, order
from made_certificates import encrypted_pem

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import (
    generate_key,
    load_private_key,
    private_key_pem,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca import encrypted_key
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.encrypted_key import (
    pbkdf2_pem,
    scrypt_pem,
    weakness,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.states import StateRequest, warnings

if TYPE_CHECKING:
    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PrivateKey

KEY = generate_key("ecdsa-p256")


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encrypted_key, "SCRYPT", (16384, 8, 5))
    monkeypatch.setattr(encrypted_key, "PBKDF2_ROUNDS", 600_000)


def shown(pem: bytes) -> str:
    return subprocess.run(["openssl", "asn1parse"], input=pem, capture_output=True, check=True).stdout.decode()


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("key_type", ["ecdsa-p384", "rsa-2048", "ed25519"])
def test_every_guess_at_a_ca_s_passphrase_costs_sixteen_mebibytes_five_times(key_type: str) -> None:
    key = generate_key(key_type)
    pem = scrypt_pem(key, PASSPHRASE)
    for part in (
        ":scrypt",
        "INTEGER           :4000",
        "INTEGER           :08",
        "INTEGER           :05",
        ":aes-256-cbc",
    ):
        assert part in shown(pem)
    assert weakness(pem) is None
    assert load_private_key(pem, PASSPHRASE).public_key() == key.public_key()
    with pytest.raises(OrthancTlsError, match="The passphrase does not open"):
        load_private_key(pem, "wrong")


@pytest.mark.usefixtures("real")
def test_a_client_s_key_has_rounds_that_every_program_reads() -> None:
    pem = pbkdf2_pem(KEY, PASSPHRASE)
    for part in (":PBKDF2", "INTEGER           :0927C0", ":hmacWithSHA256", ":aes-256-cbc"):
        assert part in shown(pem)
    assert weakness(pem) is None
    read = ["certtool", "--key-info", "--password", PASSPHRASE]
    assert subprocess.run(read, input=pem, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("write", [scrypt_pem, pbkdf2_pem])
@pytest.mark.parametrize("passphrase", ["x", "ünïcode $HOME `id`", "-in /etc/passwd", " ", "x" * 1023, "ü" * 511])
def test_any_passphrase_opens_what_it_encrypts(write: Callable[[PrivateKey, str], bytes], passphrase: str) -> None:
    assert load_private_key(write(KEY, passphrase), passphrase).public_key() == KEY.public_key()


@pytest.mark.parametrize(
    ("passphrase", "complaint"),
    [
        ("", "is empty or longer than 1023 bytes"),
        ("x" * 1024, "is empty or longer than 1023 bytes"),
        ("ü" * 512, "is empty or longer than 1023 bytes"),
        ("two\nlines", "has a line break or a NUL"),
        ("a\0b", "has a line break or a NUL"),
    ],
)
@pytest.mark.parametrize("write", [scrypt_pem, pbkdf2_pem])
def test_a_passphrase_that_openssl_would_cut_encrypts_nothing(
    write: Callable[[PrivateKey, str], bytes], passphrase: str, complaint: str
) -> None:
    with pytest.raises(OrthancTlsError, match=complaint):
        write(KEY, passphrase)


def program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bin").mkdir()
    (folder / "bin" / "openssl").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "bin" / "openssl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}/bin", prepend=os.pathsep)


def test_neither_key_nor_passphrase_is_in_arguments_or_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, f'(echo "$@"; env) > {tmp_path}/seen; exec /usr/bin/openssl "$@"', monkeypatch)
    folder = made_folder(tmp_path, order(intermediate=True))
    seen = (tmp_path / "seen").read_text()
    assert "-scrypt" in seen and "-passout fd:" in seen
    assert PASSPHRASE not in seen and "PRIVATE" not in seen
    clear = private_key_pem(folder.signer(PASSPHRASE).key).splitlines()[1]
    assert not any(clear in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("echo no such option >&2; exit 1", "encrypted no key: no such option"),
        ("exit 0", "has just encrypted holds no private key that can be read"),
        ("cat", "protects keys otherwise than it was told"),
        (
            'exec /usr/bin/openssl pkcs8 -topk8 -iter 2048 -passout $(echo "$@" | grep -o "fd:[0-9]*")',
            "protects keys otherwise than it was told.*OpenSSL 3.0",
        ),
        ("/usr/bin/openssl genpkey -algorithm ed25519", "wrote another key"),
    ],
    ids=["fails", "says nothing", "does not encrypt", "encrypts weakly", "another key"],
)
def test_what_the_program_wrote_is_checked_before_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, complaint: str
) -> None:
    program(tmp_path, script, monkeypatch)
    folder = AuthorityFolder(str(tmp_path / "ca"))
    with pytest.raises(OrthancTlsError, match=complaint):
        brought(folder, "present")
    assert not list(tmp_path.rglob("*.key"))


@pytest.mark.parametrize("passphrase", ["x", "elevencharä"])
def test_a_new_ca_has_no_short_passphrase(tmp_path: Path, passphrase: str) -> None:
    folder = AuthorityFolder(str(tmp_path / "ca"))
    said = rf"passphrase has {len(passphrase)} characters, and a new CA's needs at least 12"
    with pytest.raises(OrthancTlsError, match=said):
        brought(folder, "present", passphrase=passphrase)
    assert not folder.exists()
    assert brought(folder, "present", passphrase="twelve chars")


def earlier(folder: AuthorityFolder, passphrase: str) -> None:
    """Encrypt the keys as an earlier version did, which took any passphrase."""
    for path in map(Path, folder.active().key_paths):
        path.write_bytes(encrypted_pem(load_private_key(path.read_bytes(), PASSPHRASE), passphrase))


def said(folder: AuthorityFolder, passphrase: str | None) -> list[str]:
    return warnings(folder, StateRequest("present", order(), passphrase))


def test_a_short_passphrase_that_is_there_is_warned_of_and_a_next_ca_needs_a_longer_one(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    earlier(folder, "qwxyz")
    keys = [Path(path).read_bytes() for path in folder.active().key_paths]
    assert not brought(folder, "present", passphrase="qwxyz")
    warned = said(folder, "qwxyz")
    assert "has 5 characters" in warned[0] and "Change the passphrase" in warned[0]
    assert "qwxyz" not in "".join(warned)
    with pytest.raises(OrthancTlsError, match=r"needs at least 12.*change the passphrase of its keys first"):
        brought(folder, "staged", passphrase="qwxyz")
    assert folder.signer("qwxyz") and not folder.staged()
    assert [Path(path).read_bytes() for path in folder.active().key_paths] == keys, "nothing is encrypted anew silently"


@pytest.mark.usefixtures("real")
def test_keys_of_an_earlier_version_are_named_until_they_are_encrypted_anew(tmp_path: Path) -> None:
    folder = made_folder(tmp_path, order(intermediate=True))
    assert said(folder, PASSPHRASE) == []
    earlier(folder, PASSPHRASE)
    named = said(folder, None)
    assert [warning.partition(" is encrypted with 2,048 rounds of PBKDF2")[0] for warning in named] == (
        folder.active().key_paths
    )
    # As docs/ca.md says.
    again = 'for key in authorities/*/*.key; do openssl pkcs8 -topk8 -scrypt -scrypt_p 5 -in "$key" -out "$key.new"'
    options = f'-passin "pass:{PASSPHRASE}" -passout "pass:{PASSPHRASE}" && mv "$key.new" "$key"; done'
    subprocess.run(["sh", "-c", f"umask 077; {again} {options}"], cwd=folder.path, check=True)
    assert said(folder, PASSPHRASE) == []
    assert folder.signer(PASSPHRASE)
    Path(folder.active().key_paths[0]).unlink()
    assert said(folder, PASSPHRASE) == []


def test_an_outdated_or_damaged_key_is_told_apart() -> None:
    made = ["openssl", "pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES", "-passout", "pass:x"]
    outdated = subprocess.run(made, input=private_key_pem(KEY), capture_output=True, check=True).stdout
    assert weakness(outdated) == "an outdated algorithm"
    assert weakness(scrypt_pem(KEY, "x")) == "a cheap scrypt"
    for damaged in (b"", private_key_pem(KEY), outdated[:90] + b"\n-----END ENCRYPTED PRIVATE KEY-----"):
        assert weakness(damaged) is None
    assert load_private_key(outdated, "x")
