# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a node: all that a decision needs, nothing changed, no key, and no failure whatever is broken."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from identities import snapshot
from looked_at_node import UNIT, UNITS, LookedAt, traced
from unprivileged import as_nobody

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection import node as inspector

SECTIONS = {
    *("clock", "packages", "orthanc_version", "capabilities", "units", "files", "made_by_hand", "free_space"),
    *("ports", "nginx", "civetweb", "identity", "enrolment", "server_certificate", "services", "answers"),
}


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LookedAt:
    return LookedAt(tmp_path, monkeypatch)


def test_a_healthy_node_is_told_in_full_and_without_faults(node: LookedAt) -> None:
    seen = node.look()
    assert seen.keys() == SECTIONS | {"changed", "faults"} and (seen["changed"], seen["faults"]) == (False, {})
    assert seen["packages"]["orthanc"] == {"version": "1.12.7+dfsg-4", "on_hold": False}
    assert seen["packages"]["nginx"]["version"] is None
    assert seen["files"][str(node.recorded.config)]["kind"] == "file"
    assert seen["ports"] == [{"port": 443, "program": "nginx", "process": 7}]
    assert seen["identity"]["facts"]["certificates"][0]["names"] == ["DNS:node.example.org"]
    assert seen["identity"]["present"] and seen["identity"]["facts"]["generation"]["matches_manifest"]
    assert seen["services"]["orthanc"]["record"]["differs"] == []
    assert seen["made_by_hand"] == {"changed": [], "extra": [], "binaries": [], "in_vain": []}
    assert (seen["nginx"]["installed"], seen["civetweb"], seen["units"]) == (False, None, {})


def test_an_answer_is_plain_json_and_says_the_same_after_it(node: LookedAt) -> None:
    seen = node.look()
    assert json.loads(json.dumps(seen)) == seen


def test_a_look_that_asks_for_nothing_sees_a_bare_host(node: LookedAt) -> None:
    nothing: dict[str, Any] = {"packages": [], "files": [], "folders": [], "ports": [], "services": []}
    node.programs.none()
    seen = node.look(**nothing, hand_made=None, nginx_site=None, path=str(node.folder / "nosuch"))
    assert seen["faults"] == {} and seen["identity"]["present"] is False
    assert (seen["nginx"], seen["made_by_hand"], seen["orthanc_version"], seen["capabilities"]) == (None,) * 4
    assert "is no identity's folder" in seen["identity"]["fault"]


def test_a_look_changes_nothing(node: LookedAt) -> None:
    node.programs.answer("systemctl", UNITS)
    before = snapshot(node.folder)
    times = {path: path.lstat().st_mtime_ns for path in node.folder.rglob("*")}
    assert node.look(units=[UNIT])["units"][UNIT]["main_pid"] == 7
    assert snapshot(node.folder) == before
    assert {path: path.lstat().st_mtime_ns for path in node.folder.rglob("*")} == times


def test_no_file_is_opened_to_be_written(node: LookedAt) -> None:
    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes and arguments[0] != os.devnull:
            os.write(2, f"{arguments}\n".encode())
            os._exit(2)
        if event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.chmod", "os.chown"):
            os._exit(3)

    traced(node.look, refuse)


def test_a_private_key_is_opened_for_the_digest_of_its_generation_alone(node: LookedAt, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    opened.touch()
    generation = str(node.identity.current.resolve())

    def keep(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and str(arguments[0]).endswith((".key", "key.pem", "server.pem")):
            descriptor = os.open(opened, os.O_WRONLY | os.O_APPEND) if arguments[0] != str(opened) else -1
            os.write(descriptor, f"{arguments[0]}\n".encode())
            os.close(descriptor)

    (node.folder / "own.key").write_text("-----BEGIN PRIVATE KEY-----")
    traced(lambda: node.look(files=[str(node.folder / "own.key"), str(node.identity.file("server.pem"))]), keep)
    assert set(opened.read_text().splitlines()) == {f"{generation}/key.pem", f"{generation}/server.pem"}


def test_no_private_key_is_loaded(node: LookedAt, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*arguments: object, **options: object) -> None:
        raise AssertionError("a look loads no private key")

    monkeypatch.setattr(serialization, "load_pem_private_key", refused)
    monkeypatch.setattr(serialization, "load_der_private_key", refused)
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", refused)
    assert node.look()["identity"]["facts"]["certificates"]


def test_no_secret_is_in_an_answer(node: LookedAt) -> None:
    text = json.dumps(node.look())
    secrets = node.secrets()
    assert len(secrets) > 2 and [secret for secret in secrets if secret in text] == []


def test_whatever_is_missing_on_a_host_is_told_by_section_and_no_failure(node: LookedAt) -> None:
    (node.folder / "Orthanc").write_text("#!/bin/sh\n")
    node.programs.folder.rename(node.folder / "elsewhere")
    node.programs.none()
    seen = node.look(units=[UNIT], civetweb_shim=str(node.folder / "shim"))
    assert seen["faults"].keys() == {"packages", "units", "made_by_hand", "ports", "orthanc_version"}
    assert all(seen[name] is None for name in seen["faults"])
    assert "'ss'" in seen["faults"]["ports"] and "ELF" in seen["faults"]["orthanc_version"]
    assert seen["services"]["orthanc"]["record"]["service_state"] == "not-found"
    assert seen["identity"]["fault"] is None and seen["civetweb"]["needed"] is None


def test_without_cryptography_all_but_the_certificates_is_seen(node: LookedAt, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "cryptography" else real(name))
    seen = node.look()
    assert seen["faults"] == {} and seen["services"]["orthanc"]["record"]["differs"] == []
    assert seen["identity"] == {"present": True, "facts": None, "fault": inspector._NO_CRYPTOGRAPHY}


def test_a_user_without_rights_sees_what_he_may_and_no_failure(node: LookedAt) -> None:
    text = as_nobody(lambda: sorted(node.look()["faults"]))
    assert text.startswith("[")


@pytest.mark.parametrize(
    "error",
    [
        OrthancTlsError("x" * 9999),
        OSError(5, "Input/output error", "/etc/x"),
        subprocess.TimeoutExpired("nginx", 60),
        ValueError("what nobody thought of"),
        KeyError("ActiveState"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_fault_is_bounded_and_takes_no_other_section_along(
    error: Exception, node: LookedAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(inspector, "free_space", broken)
    seen = node.look()
    assert seen["free_space"] is None and seen["faults"].keys() == {"free_space"}
    assert len(seen["faults"]["free_space"]) <= inspector.LONGEST_FAULT and seen["packages"]


def test_an_error_that_nobody_thought_of_is_told_by_its_place_and_quotes_nothing(
    node: LookedAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspector, "free_space", lambda folders: int("s3cret"))
    assert re.fullmatch(r"ValueError in test_node_look\.py, line \d+\.", node.look()["faults"]["free_space"])


def test_a_section_that_is_too_large_is_left_out_and_told(node: LookedAt, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(100):
        (node.folder / "etc" / f"{number:0100}.json").touch()
    assert len(node.look()["made_by_hand"]["extra"]) == 100
    monkeypatch.setattr(inspector, "LARGEST_SECTION", 10000)
    seen = node.look()
    assert seen["made_by_hand"] is None and "more than 10000 characters" in seen["faults"]["made_by_hand"]


def test_a_file_name_that_is_no_text_can_be_told(node: LookedAt) -> None:
    with open(os.fsencode(node.folder / "etc") + b"/\xff.json", "w"):
        pass
    (extra,) = node.look()["made_by_hand"]["extra"]
    assert extra.encode() and extra.endswith(r"\udcff.json")


def test_it_takes_less_than_a_second_of_processor_time(node: LookedAt) -> None:
    """What the look itself takes: the start of Python and the programs that it asks come on top of it."""
    node.look()
    start = time.process_time()
    node.look()
    assert time.process_time() - start < 0.5
