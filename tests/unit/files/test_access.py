# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a user from running the rotation by night is known before it is scheduled."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.access import (
    ENTER,
    EXECUTE,
    READ,
    Needed,
    faults,
)
from ansible_collections.openimaging.orthanc.plugins.modules.schedule_check import check

ME = getpass.getuser()


def file(folder: Path, mode: int = 0o600) -> Path:
    made = folder / "file"
    made.write_text("x")
    made.chmod(mode)
    return made


def only(user: str, needed: Needed) -> str:
    return " ".join(faults(user, [needed]))


def test_what_the_user_can_use_is_no_fault(tmp_path: Path) -> None:
    program, secret = file(tmp_path, 0o700), tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o600)
    needed = [
        Needed("schedule_inventory", str(tmp_path), READ),
        Needed("schedule_vault_password_file", str(secret), READ, secret=True),
        Needed("schedule_ansible_playbook", str(program), EXECUTE),
        Needed("schedule_directory", str(tmp_path), ENTER),
    ]
    assert faults(ME, needed) == []


def test_a_user_that_does_not_exist_is_named(tmp_path: Path) -> None:
    assert "schedule_user is 'nobody-of-this-name'" in only("nobody-of-this-name", Needed("x", str(tmp_path), READ))


@pytest.mark.parametrize(
    ("path", "use", "said"),
    [
        ("inventory.yml", READ, "which is relative"),
        ("/missing/inventory.yml", READ, "which does not exist"),
        ("{file}", ENTER, "which is not a directory"),
        ("{folder}", EXECUTE, "which is not a file"),
        ("{file}", EXECUTE, f"which {ME} cannot execute"),
    ],
)
def test_a_path_that_cannot_be_used_is_named_with_its_variable(tmp_path: Path, path: str, use: str, said: str) -> None:
    named = path.format(file=file(tmp_path), folder=tmp_path)
    fault = only(ME, Needed("schedule_thing", named, use))
    assert fault.startswith(f"schedule_thing is '{named}'") and said in fault


def test_a_vault_password_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = file(tmp_path, 0o640)
    fault = only(ME, Needed("schedule_vault_password_file", str(path), READ, secret=True))
    assert "mode 0640" in fault and f"chmod 600 {path}" in fault


def test_what_the_user_cannot_read_is_a_fault_whoever_asks(tmp_path: Path) -> None:
    user = "nobody" if os.geteuid() == 0 else ME
    path = file(tmp_path, 0o000)
    assert f"which {user} cannot read" in only(user, Needed("schedule_inventory", str(path), READ))
    assert only(user, Needed("schedule_inventory", "/etc/passwd", READ)) == ""


def test_all_that_is_wrong_is_one_error(tmp_path: Path) -> None:
    options = {
        "user": ME,
        "inventory": "/missing/inventory.yml",
        "vault_password_file": "",
        "ansible_playbook": str(file(tmp_path)),
        "directory": str(tmp_path),
    }
    with pytest.raises(OrthancTlsError) as error:
        check(options)
    assert "schedule_inventory" in str(error.value) and "schedule_ansible_playbook" in str(error.value)
    assert str(error.value).endswith("Nothing was changed.")
