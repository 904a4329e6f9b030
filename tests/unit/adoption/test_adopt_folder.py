# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the variables are written: nothing of the inventory is lost by it, and the next run has them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.folder import checked_folder, not_read

SHOW = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: seen={{ ansible_user | default('nobody') }},{{ orthanc_tls_mode | default('nothing') }}=
"""


def ansible_sees(folder: Path, playbook_folder: Path) -> str:
    """What Ansible itself reads of the host's variables beside the inventory and beside a playbook."""
    (folder / "hosts").write_text("pacs ansible_connection=local\n")
    playbook_folder.mkdir(exist_ok=True)
    (playbook_folder / "show.yml").write_text(SHOW)
    command: list[str | Path] = [
        Path(sys.executable).with_name("ansible-playbook"),
        "-i",
        "hosts",
        playbook_folder / "show.yml",
    ]
    environment = {**os.environ, "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"), "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    seen: str = done.stdout.split("seen=")[1].split("=")[0]
    return seen


def variables(path: Path, **values: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values))
    return path


BESIDE = ["pacs.yml", "pacs.yaml", "pacs.json"]


@pytest.mark.parametrize("name", BESIDE)
def test_a_file_that_ansible_would_not_read_beside_the_folder_is_an_error_that_says_where_to_move_it(
    tmp_path: Path, name: str
) -> None:
    file = variables(tmp_path / "host_vars" / name, ansible_user="admin")
    folder = tmp_path / "host_vars" / "pacs"
    assert ansible_sees(tmp_path, tmp_path) == "admin,nothing"
    with pytest.raises(OrthancTlsError) as error:
        checked_folder(str(folder), "pacs")
    assert f"pacs: {file} has variables of this host" in str(error.value)
    assert f"Move it to {folder}/main{file.suffix}" in str(error.value) and not folder.exists()
    # The reason for the error, and its remedy.
    written = variables(folder / "orthanc.yml", orthanc_tls_mode="builtin")
    assert ansible_sees(tmp_path, tmp_path) == "nobody,builtin"
    file.rename(folder / f"main{file.suffix}")
    assert ansible_sees(tmp_path, tmp_path) == "admin,builtin"
    assert checked_folder(str(written.parent), "pacs") == str(folder)


def test_a_file_beside_another_playbook_counts_with_the_folder_beside_the_inventory(tmp_path: Path) -> None:
    variables(tmp_path / "playbooks" / "host_vars" / "pacs.yml", ansible_user="admin")
    folder = tmp_path / "host_vars" / "pacs"
    assert checked_folder(f"{folder}/", "pacs") == str(folder)
    variables(folder / "orthanc.yml", orthanc_tls_mode="builtin")
    assert ansible_sees(tmp_path, tmp_path / "playbooks") == "admin,builtin"
    with pytest.raises(OrthancTlsError, match="has variables of this host"):
        checked_folder(str(tmp_path / "playbooks" / "host_vars" / "pacs"), "pacs")


def test_a_file_in_the_place_of_the_folder_is_an_error_that_says_where_to_move_it(tmp_path: Path) -> None:
    file = variables(tmp_path / "host_vars" / "pacs", ansible_user="admin")
    with pytest.raises(OrthancTlsError, match=f"{file} is a file.*Move it to {file}/main.yml"):
        checked_folder(str(file), "pacs")


@pytest.mark.parametrize("folder", ["None/host_vars/pacs", "host_vars/pacs", ""])
def test_a_folder_that_is_no_absolute_path_is_an_error(folder: str) -> None:
    with pytest.raises(OrthancTlsError, match=r"adopt_folder is '.*'; it must be an absolute path"):
        checked_folder(folder, "pacs")


def test_a_folder_that_ansible_does_not_read_by_itself_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "host_vars" / "pacs"
    assert list(not_read(str(folder), "pacs", [str(tmp_path), "/elsewhere"])) == []
    for other in (
        tmp_path / "host_vars" / "other",
        tmp_path / "adopted" / "pacs",
        tmp_path / "x" / "host_vars" / "pacs",
    ):
        (notice,) = not_read(str(other), "pacs", [str(tmp_path)])
        assert str(other) in notice and f"{tmp_path}/host_vars/pacs" in notice
