# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module C(ca_info) as Ansible runs it, and what it says of authorities and clients."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from authorities import NOW, PASSPHRASE, brought, made_folder
from identities import Node, snapshot

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key, private_key_pem
from ansible_collections.openimaging.orthanc.plugins.modules import ca_info
from ansible_collections.openimaging.orthanc.plugins.modules.client_certificate import ARGUMENT_SPEC as CLIENT
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.info import authority_info
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.enrolment import enrol


def client(ca: AuthorityFolder, name: str, *, seconds: int = 0, **changes: Any) -> None:
    options = {option: given.get("default") for option, given in CLIENT.items()}
    path = str(Path(ca.path).parent / name)
    options |= {"path": path, "ca_path": ca.path, "ca_passphrase": PASSPHRASE, "common_name": name, **changes}
    enrol(options, check_mode=False, now=NOW + timedelta(seconds=seconds))


def asked(folder: str) -> dict[str, Any]:
    """Ask as Ansible does, for a host that cannot be reached."""
    done = subprocess.run(
        [
            Path(sys.executable).with_name("ansible"),
            *("all", "-i", "unreachable.invalid,", "-m", "openimaging.orthanc.ca_info", "-a", f"path={folder}"),
        ],
        env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
        cwd=Path(folder).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert " => " in done.stdout, done.stdout + done.stderr
    answer: dict[str, Any] = json.JSONDecoder().raw_decode(done.stdout.split(" => ", 1)[1])[0]
    return answer | {"output": re.sub(r"\s+", " ", done.stdout + done.stderr)}


def test_it_reads_and_writes_nothing(tmp_path: Path) -> None:
    ca = made_folder(tmp_path)
    client(ca, "anna@example.org")
    before = snapshot(Path(ca.path))
    said = asked(ca.path)
    assert snapshot(Path(ca.path)) == before
    returned = yaml.safe_load(ca_info.RETURN)
    assert set(returned) < set(said) and said["changed"] is False
    assert set(said["authorities"][0]) == set(returned["authorities"]["contains"])
    assert set(said["clients"][0]) == set(returned["clients"]["contains"])


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert "Cannot open the CA's folder" in asked(str(tmp_path / "nowhere"))["msg"]


def test_states_and_ends_of_authorities(tmp_path: Path) -> None:
    ca = made_folder(tmp_path)
    for state in ("staged", "active", "retired", "staged", "active", "staged"):
        brought(ca, state)
    said = authority_info(ca.path, NOW)["authorities"]
    assert [ca["state"] for ca in said] == ["retired", "superseded", "active", "staged"]
    for days, ends_soon, expired in ((2430, False, False), (2436, True, False), (3651, True, True)):
        active = authority_info(ca.path, NOW + timedelta(days=days))["authorities"][2]
        assert (active["ends_soon"], active["expired"]) == (ends_soon, expired)


def test_a_client_is_told_by_its_newest_certificate_and_a_node_is_none(tmp_path: Path) -> None:
    ca = made_folder(tmp_path)
    Node(ca, tmp_path / "tls").run()
    client(ca, "anna@example.org")
    client(ca, "CT scanner 2", subject_alt_name=["DNS:ct2.example.org"])
    first = {client["name"]: client for client in authority_info(ca.path, NOW)["clients"]}
    assert sorted(first) == ["CT scanner 2", "anna@example.org"]
    brought(ca, "staged")
    brought(ca, "active")
    client(ca, "anna@example.org", seconds=1)
    second = {client["name"]: client for client in authority_info(ca.path, NOW)["clients"]}
    assert second["CT scanner 2"] == first["CT scanner 2"]
    assert second["anna@example.org"]["generation"] == ca.active().generation
    assert {client["generation"] for client in first.values()} == {ca.superseded()[0].generation}


STRAYS: dict[str, Callable[[Path], object]] = {
    "half written": lambda path: path.write_bytes(path.with_name("whole.pem").read_bytes()[:200]),
    "empty": lambda path: path.write_text(""),
    "no certificate": lambda path: path.write_bytes(private_key_pem(generate_key("ecdsa-p256"))),
    "a folder": Path.mkdir,
}


@pytest.mark.parametrize("stray", STRAYS)
def test_a_file_that_holds_no_certificate_is_named_and_keeps_nothing_else_from_being_read(
    tmp_path: Path, stray: str
) -> None:
    ca = made_folder(tmp_path)
    client(ca, "anna@example.org")
    (file,) = (Path(ca.path) / "issued").iterdir()
    file.rename(file.with_name("whole.pem"))
    STRAYS[stray](file)
    said = asked(ca.path)
    assert [client["name"] for client in said["clients"]] == ["anna@example.org"]
    (warning,) = authority_info(ca.path, NOW)["warnings"]
    assert warning.startswith(f"{file} is left out: ") and "remove the file" in warning
    assert f"[WARNING]: {file} is left out" in said["output"]
    brought(ca, "staged")
    brought(ca, "active")
    assert brought(ca, "retired"), "what was issued moves with the CA that issued it, and the stray file stays"
    assert file.exists() and not file.with_name("whole.pem").exists()
