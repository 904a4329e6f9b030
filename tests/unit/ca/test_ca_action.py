# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module C(ca) as Ansible runs it: for a host that cannot be reached, with the passphrase in no output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from made_certificates import encrypted_pem

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import load_private_key
from ansible_collections.openimaging.orthanc.plugins.modules import ca

PASSPHRASE = "correct-horse-battery"


def ansible(folder: Path, *flags: str, passphrase: str = PASSPHRASE, **options: Any) -> tuple[dict[str, Any], str]:
    """Run the module and return its result and the whole output."""
    secret = "{{ lookup('env', 'PASSPHRASE') }}"
    arguments = {"path": str(folder), "passphrase": secret, "key_type": "ecdsa-p256", **options}
    program = Path(sys.executable).with_name("ansible")
    host = ["all", "-i", "unreachable.invalid,"]
    done = subprocess.run(
        [program, *host, "-m", "openimaging.orthanc.ca", "-a", json.dumps(arguments), *flags],
        env={**os.environ, "PASSPHRASE": passphrase, "ANSIBLE_NOCOLOR": "1"},
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert " => " in done.stdout, done.stdout + done.stderr
    answer = json.JSONDecoder().raw_decode(done.stdout.split(" => ", 1)[1])[0]
    result = {**answer, "failed": done.returncode != 0}
    return result, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "ca"


def test_create_then_nothing_then_a_wrong_passphrase(folder: Path) -> None:
    made = ansible(folder)[0]
    assert made["changed"]
    assert made["authorities"][0]["generation"] == made["generation"]
    assert made["certificate"] == made["trust"] == (folder / "active" / "ca.pem").read_text()
    assert Path(made["expired_client_path"]).is_file()
    key = ["openssl", "pkey", "-in", str(folder / "active" / "ca.key"), "-passin", f"pass:{PASSPHRASE}", "-noout"]
    assert subprocess.run(key, check=False).returncode == 0

    again = ansible(folder)[0]
    assert not again["changed"]
    assert {name: made[name] for name in ca_returns()} == {name: again[name] for name in ca_returns()}

    wrong = ansible(folder, passphrase="wrong")[0]
    assert wrong["failed"]
    assert wrong["msg"].startswith(f"The passphrase does not open {folder}/authorities/")


def ca_returns() -> list[str]:
    return list(yaml.safe_load(ca.RETURN))


def test_check_mode_says_what_would_be_done_and_writes_nothing(folder: Path) -> None:
    planned, output = ansible(folder, "--check", "--diff")
    assert planned["changed"] and "generation" not in planned
    assert "+to do: create the CA 'Orthanc CA' (ecdsa-p256, 3650 days)" in output
    assert not folder.exists()


def test_weak_keys_of_an_earlier_version_are_warned_of(folder: Path) -> None:
    ansible(folder)
    path = folder / "active" / "ca.key"
    path.write_bytes(encrypted_pem(load_private_key(path.read_bytes(), PASSPHRASE), "short"))
    before = path.read_bytes()
    for passphrase, said in (
        ("short", ["has 5 characters", "2,048 rounds of PBKDF2"]),
        ("", ["2,048 rounds of PBKDF2"]),
    ):
        result, output = ansible(folder, passphrase=passphrase)
        assert not result["changed"] and path.read_bytes() == before
        words = " ".join(output.split())
        assert words.count("[WARNING]") >= len(said) and all(text in words for text in said)
        assert ("has 5 characters" in words) == bool(passphrase)


def test_a_ca_is_created_beside_one_that_is_in_use_only_when_asked_for(folder: Path) -> None:
    for flags in (["--check"], []):
        refused = ansible(folder, *flags, in_use=["edge1 (issued by 'CN=Old')"])[0]
        assert refused["failed"] and "edge1 (issued by 'CN=Old'). No CA was created" in refused["msg"]
    assert not folder.exists()
    assert ansible(folder, in_use=["edge1 (issued by 'CN=Old')"], allow_new=True)[0]["changed"]


def test_diff_shows_what_is_public(folder: Path) -> None:
    made, output = ansible(folder, "--diff")
    assert f"+{made['generation']} active: {made['subject']}, until {made['not_after']}" in output
    staged, output = ansible(folder, "--check", "--diff", state="staged")
    assert staged["changed"] and len(staged["authorities"]) == 1
    assert "+to do: stage the CA" in output


def test_no_passphrase_and_no_key_in_the_most_verbose_output(folder: Path) -> None:
    output = ansible(folder, "-vvvv", "--diff", intermediate=True)[1]
    failure = ansible(folder, "-vvvv", "--diff", state="retired", generation="unknown")[1]
    for text in (output, failure):
        assert PASSPHRASE not in text
        assert "PRIVATE KEY" not in text


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"path": "ca"}, "path 'ca' is relative"),
        ({"passphrase": ""}, "passphrase is missing"),
        ({"passphrase": "elevenchars"}, "passphrase has 11 characters, and a new CA's needs at least 12"),
        ({"lifetime": "10y"}, "lifetime is '10y', which is no duration"),
        ({"key_type": "ed25519"}, "value of key_type must be one of"),
        ({"name_constraints_permitted": ["example.org"]}, "neither DNS:example.org nor IP:10.0.0.0/8"),
        ({"common_name": "x" * 60, "intermediate": True}, "68 bytes in UTF-8; expected 64 at most"),
        ({"days": 5}, "Unsupported parameters"),
    ],
    ids=[
        "relative path",
        "no passphrase",
        "short passphrase",
        "lifetime",
        "key type",
        "constraint",
        "common name",
        "unknown option",
    ],
)
def test_wrong_options_fail_before_anything_is_written(folder: Path, options: dict[str, Any], complaint: str) -> None:
    result = ansible(folder, **options)[0]
    assert result["failed"]
    assert complaint in result["msg"]
    assert not folder.exists()
