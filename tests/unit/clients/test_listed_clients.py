# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients of the inventory: folders of their own, a text each, one fault stops no other, and who left is named."""

from __future__ import annotations

import shutil
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, PASSPHRASE, made_folder, order
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import fingerprint_sha256
from ansible_collections.openimaging.orthanc.plugins.modules.client_folders import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.listed import ClientsTask, enrol_all
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.names import (
    folder_name,
    folder_names,
    listed_names,
    shared_client_names,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.pkcs12 import is_compatible

OPTIONS: Any = ARGUMENT_SPEC["clients"]["options"]


def client(name: str, **options: Any) -> dict[str, Any]:
    return {option: spec.get("default") for option, spec in OPTIONS.items()} | {"name": name, **options}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("prepared")
    made_folder(parent, order())
    return parent / "ca"


@pytest.fixture
def task(prepared: Path, tmp_path: Path) -> ClientsTask:
    shutil.copytree(prepared, tmp_path / "ca", symlinks=True)
    common = {"ca_path": str(tmp_path / "ca"), "ca_passphrase": PASSPHRASE}
    clients = [
        client("anna@example.org", pkcs12_passphrase="sesame street"),
        client("CT scanner 2", kind="device"),
    ]
    return ClientsTask(str(tmp_path / "clients"), clients, common, "https://archive.example.org/")


def run(task: ClientsTask, *, check_mode: bool = False, days: int = 0) -> dict[str, Any]:
    return enrol_all(task, check_mode=check_mode, now=NOW + timedelta(days=days))


def test_each_client_gets_a_folder_that_nobody_else_can_enter_and_a_second_run_changes_nothing(
    task: ClientsTask,
) -> None:
    first, second = run(task), run(replace(task, common={**task.common, "ca_passphrase": None}))
    assert (first["changed"], second["changed"]) == (True, False)
    folders = sorted(Path(task.path).iterdir())
    assert [folder.name for folder in folders] == ["CT_scanner_2", "anna@example.org"]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in [Path(task.path), *folders]} == {0o700}
    assert {stat.S_IMODE(file.stat().st_mode) for folder in folders for file in folder.iterdir()} == {0o600}
    assert second["lines"][0].startswith("Nothing to do for 2 of 2 clients.")


def test_the_text_says_what_to_import_where_the_fingerprint_the_end_and_how_to_test_and_no_secret(
    task: ClientsTask,
) -> None:
    run(task)
    folder = Path(task.path, "anna@example.org")
    text = (folder / "README.txt").read_text()
    leaf = x509.load_pem_x509_certificate((folder / "cert.pem").read_bytes())
    assert fingerprint_sha256(leaf).upper() in text.replace(":", "").replace("\n", "")
    assert "client.p12 into the browser" in " ".join(text.split())
    assert "curl --cacert ca.pem --cert client.pem https://archive.example.org/system" in text
    assert "sesame" not in text and "PRIVATE" not in text
    assert "client.pem" in Path(task.path, "CT_scanner_2", "README.txt").read_text()


def test_the_text_is_written_anew_with_a_new_certificate(task: ClientsTask) -> None:
    run(task)
    before = Path(task.path, "anna@example.org", "README.txt").read_text()
    assert run(task, days=150)["clients"][0]["reason"] == "expiring"
    assert Path(task.path, "anna@example.org", "README.txt").read_text() != before


def test_check_mode_tells_and_writes_nothing(task: ClientsTask) -> None:
    told = run(task, check_mode=True)
    assert told["changed"] and not Path(task.path).exists()
    assert "anna@example.org would get a new certificate" in told["lines"][0]


def test_one_client_that_cannot_have_its_files_keeps_no_other_from_them(task: ClientsTask) -> None:
    broken = [client("odd", lifetime="a while"), *task.clients]
    done = run(replace(task, clients=broken))
    assert done["failed"] and done["msg"].startswith("odd: lifetime")
    assert [one["name"] for one in done["clients"]] == ["anna@example.org", "CT scanner 2"]


def test_who_left_the_inventory_is_named_until_the_certificate_expires_and_nothing_is_removed(
    task: ClientsTask,
) -> None:
    run(task)
    alone = replace(task, clients=task.clients[:1])
    assert [one["name"] for one in run(alone)["left"]] == ["CT scanner 2"]
    assert "CT scanner 2 is not in orthanc_clients." in " ".join(run(alone)["lines"])
    assert Path(task.path, "CT_scanner_2", "client.pem").exists()
    assert run(alone, days=200)["left"] == []


def test_a_file_for_old_programs_is_written_anew_when_that_changes_and_the_certificate_stays(
    task: ClientsTask,
) -> None:
    first = run(task)["clients"][0]
    file = Path(task.path, "anna@example.org", "client.p12")
    assert not is_compatible(file.read_bytes())
    clients = [{**task.clients[0], "compatibility": True}]
    second = run(replace(task, clients=clients))["clients"][0]
    assert is_compatible(file.read_bytes())
    assert (second["reason"], second["renewed"]) == ("compatibility_changed", False)
    assert second["fingerprint_sha256"] == first["fingerprint_sha256"]
    assert not run(replace(task, clients=clients))["changed"]


@pytest.mark.parametrize(
    ("clients", "complaint"),
    [
        pytest.param("anna", "orthanc_clients is text", id="text"),
        pytest.param({"name": "anna"}, "orthanc_clients is a dictionary", id="a dictionary"),
        pytest.param([{"nam": "anna"}], "entry 1, has no name", id="no name"),
        pytest.param([{"name": "anna"}, {"name": " "}], "entry 2, has a name that no certificate can have", id="empty"),
    ],
)
def test_what_is_no_list_of_clients_is_refused_with_the_entry(clients: object, complaint: str) -> None:
    with pytest.raises(OrthancTlsError, match=complaint):
        listed_names(clients)


def test_a_name_belongs_to_one_client_or_node_whatever_the_case_of_letters() -> None:
    assert shared_client_names(["anna", "CT 2"], ["edge1", "archive"]) == ""
    assert "client 'Anna', client 'anna'" in shared_client_names(["Anna", "anna"], ["edge1"])
    assert "client 'EDGE1', node 'edge1'" in shared_client_names(["EDGE1"], ["edge1"])


def test_two_clients_never_share_a_folder() -> None:
    with pytest.raises(OrthancTlsError, match="would share the folder 'CT_2'"):
        folder_names(["CT 2", "CT/2"])


@given(st.text(min_size=1))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    folder = folder_name(name)
    assert "/" not in folder and "\0" not in folder and folder not in ("", ".", "..")
