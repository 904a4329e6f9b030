# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task as Ansible runs it: how often it reaches the node, what it carries there, and what it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from authorities import PASSPHRASE, made_folder
from identities import snapshot

from ansible_collections.openimaging.orthanc.plugins.action import certificate as action
from ansible_collections.openimaging.orthanc.plugins.modules import certificate
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import SignedLeaf

NODE = "node.example.org"


class Host:
    """A host that is this machine, with folders of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = Path(made_folder(folder).path)
        self.tls = folder / "node" / "tls"
        self.output = ""

    def task(
        self, *flags: str, passphrase: str = PASSPHRASE, environment: dict[str, str] | None = None, **options: Any
    ) -> dict[str, Any]:
        """Run the task; return its result with C(executions), the times that a module ran on the node."""
        arguments = {
            "path": str(self.tls),
            "common_name": NODE,
            "owner": str(os.getuid()),
            "group": str(os.getgid()),
            "ca_path": str(self.ca),
            "ca_passphrase": "{{ lookup('env', 'PASSPHRASE') }}",
            **options,
        }
        command = ["-m", "openimaging.orthanc.certificate", "-a", json.dumps(arguments), "-vvvv", *flags]
        done = subprocess.run(
            [Path(sys.executable).with_name("ansible"), "all", "-i", f"{NODE},", "-c", "local", *command],
            env={
                **os.environ,
                "PASSPHRASE": passphrase,
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
                "ANSIBLE_LOCAL_TEMP": str(self.folder / "local"),
                "ANSIBLE_REMOTE_TEMP": str(self.folder / "remote"),
                **(environment or {}),
            },
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        self.output = done.stdout + done.stderr
        _host, arrow, answer = done.stdout.partition(" => ")
        assert arrow, self.output
        executions = len(re.findall(r"EXEC /bin/sh -c '\S*python\S* \S+AnsiballZ_certificate\.py", done.stdout))
        return {**json.JSONDecoder().raw_decode(answer)[0], "failed": done.returncode != 0, "executions": executions}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def assert_tells_no_secret(host: Host) -> None:
    assert PASSPHRASE not in host.output
    assert "PRIVATE KEY" not in host.output
    for name in ("key.pem", "server.pem"):
        file = host.tls / "current" / name
        lines = file.read_text().splitlines() if file.exists() else []
        assert not [line for line in lines[1:3] if line in host.output]


def test_a_life_of_a_node(host: Host) -> None:
    planned = host.task("--check", "--diff")
    assert (planned["changed"], planned["reason"], planned["executions"]) == (True, "missing", 1)
    assert "not_after" in planned["diff"]["after"] and not host.tls.exists()
    assert_tells_no_secret(host)

    made = host.task("--diff")
    assert (made["changed"], made["renewed"], made["reason"], made["executions"]) == (True, True, "missing", 2)
    assert set(returned()) < set(made)
    assert "enrolment" not in made and "invocation" not in made
    assert f"after: {host.tls} (missing)" in host.output
    assert_tells_no_secret(host)

    before = snapshot(host.folder / "node")
    again = host.task("--diff", passphrase="")
    assert (again["changed"], again["renewed"], again["reason"], again["executions"]) == (False, False, None, 1)
    assert {name: again[name] for name in LASTING} == {name: made[name] for name in LASTING}

    planned = host.task("--check", force=True)
    assert (planned["changed"], planned["reason"], planned["executions"]) == (True, "forced", 1)
    assert "diff" not in planned
    assert snapshot(host.folder / "node") == before

    forced = host.task(force=True)
    assert (forced["renewed"], forced["reason"], forced["executions"]) == (True, "forced", 2)

    trusting = host.task(client_ca_certificates=[(host.ca / "active" / "ca.pem").read_text()], passphrase="")
    assert not trusting["changed"], "the CA folder's own root is there already"
    other = made_folder(made_directory(host.folder / "other"))
    trusting = host.task("--diff", client_ca_certificates=[other.trust_pem().decode()], passphrase="")
    assert (trusting["renewed"], trusting["reason"], trusting["executions"]) == (False, "trust_changed", 1)
    assert trusting["fingerprint_sha256"] == forced["fingerprint_sha256"]

    before = snapshot(host.folder / "node")
    foreign = host.task(ca_path=other.path)
    assert foreign["failed"] and foreign["executions"] == 1
    assert re.search(
        rf"The certificate on {NODE} was issued by serialNumber=.*,CN=Test CA, which the CA folder {other.path} "
        "does not hold. Nothing was changed. Correct ca_path",
        foreign["msg"],
    )
    assert snapshot(host.folder / "node") == before


def test_a_node_that_signs_for_itself_needs_one_execution_and_no_ca(host: Host) -> None:
    options: dict[str, Any] = {
        "issuer": "selfsigned",
        "activate": False,
        "ca_path": str(host.folder / "control"),
    }
    pinned = host.folder / "control" / "pinned" / f"{NODE}.pem"
    planned = host.task("--check", "--diff", **options)
    assert (planned["changed"], planned["reason"], planned["executions"]) == (True, "missing", 1)
    assert not pinned.exists() and not host.tls.exists()

    made = host.task("--diff", **options)
    assert (made["changed"], made["reason"], made["executions"]) == (True, "missing", 1)
    assert pinned.read_bytes() == (host.tls / "current" / "cert.pem").read_bytes()
    assert_tells_no_secret(host)

    known = pinned.read_bytes()
    pinned.unlink()
    assert not host.task("--check", **options)["failed"]
    assert not pinned.exists(), "check mode writes nothing on the control node either"
    pinned.write_bytes(known)

    before = snapshot(host.folder / "node")
    again = host.task("--diff", **options)
    assert (again["changed"], again["executions"], again["trust_sha256"]) == (False, 1, made["trust_sha256"])
    assert snapshot(host.folder / "node") == before

    waits = host.task("--diff", force=True, **options)
    assert (waits["reason"], waits["fingerprint_sha256"]) == ("forced", made["fingerprint_sha256"])
    assert_tells_no_secret(host)
    live = host.task("--diff", **{**options, "activate": True})
    assert (live["fingerprint_sha256"], live["waiting_sha256"]) == (waits["waiting_sha256"], None)

    refused = host.task()
    assert refused["failed"] and "which the CA folder" in refused["msg"], "the fleet's CA did not issue it"


def test_a_certificate_of_a_ca_is_not_replaced_by_a_self_signed_one_unawares(host: Host) -> None:
    host.task()
    before = snapshot(host.folder / "node")
    refused = host.task(issuer="selfsigned")
    assert refused["failed"] and "Whoever trusts that CA would refuse" in refused["msg"]
    assert snapshot(host.folder / "node") == before
    replaced = host.task(issuer="selfsigned", allow_issuer_change=True)
    assert (replaced["changed"], replaced["reason"]) == (True, "issuer_changed")


LASTING = ("generation", "not_after", "fingerprint_sha256", "trust_sha256", "path")


def returned() -> list[str]:
    return list(yaml.safe_load(certificate.RETURN))


def made_directory(path: Path) -> Path:
    path.mkdir()
    return path


def test_a_wrong_passphrase_fails_in_check_mode_too_and_leaves_no_key(host: Host) -> None:
    for flags in (["--check"], []):
        wrong = host.task(*flags, passphrase="wrong")
        assert wrong["failed"] and wrong["msg"].startswith(f"The passphrase does not open {host.ca}/authorities/")
        assert not list(host.tls.rglob("key.pem"))
    missing = host.task("--check", passphrase="")
    assert "no passphrase was given" in missing["msg"]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"path": "tls"}, "path is 'tls', which is relative"),
        ({"group": "orthanc-not-there"}, "There is no group 'orthanc-not-there' on this host"),
        ({"enrolment": {}}, "Unsupported parameters"),
    ],
    ids=["controller", "node", "internal option"],
)
def test_errors_of_both_halves_are_shown(host: Host, options: dict[str, Any], complaint: str) -> None:
    result = host.task(**options)
    assert result["failed"] and complaint in result["msg"]
    assert not host.tls.exists()


def test_a_staged_key_is_withdrawn_whatever_keeps_it_from_being_signed() -> None:
    class Broken:
        answers_later = False

        def sign(self, csr: bytes, now: datetime) -> SignedLeaf:
            raise RuntimeError("odd")

        def rehearse(self, now: datetime) -> dict[str, str]:
            return {}

    steps: list[tuple[str, dict[str, Any]]] = []

    def ask(step: str, request: dict[str, Any]) -> dict[str, Any]:
        steps.append((step, request))
        return {}

    with pytest.raises(RuntimeError):
        action._signed("edge1", Broken(), {"csr": "x", "staged": "1", "reason": "missing"}, ask)
    assert steps == [("withdraw", {"staged": "1"})]


def test_nothing_of_the_ca_is_in_the_payload(host: Host) -> None:
    # The module file of the second step replaces that of the first; the second run leaves the first step's.
    for expected in (2, 1):
        assert host.task(environment={"ANSIBLE_KEEP_REMOTE_FILES": "1"})["executions"] == expected
        (payload,) = (host.folder / "remote").rglob("AnsiballZ_certificate.py")
        subprocess.run([sys.executable, payload, "explode"], check=True, capture_output=True)
        texts = [file.read_bytes() for file in payload.parent.rglob("*") if file.is_file()]
        assert any(NODE.encode() in text for text in texts)
        assert not [text for text in texts if PASSPHRASE.encode() in text or str(host.ca).encode() in text]
        shutil.rmtree(host.folder / "remote")
