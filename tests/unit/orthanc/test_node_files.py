# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orthanc's files are written in one go, each whole or not at all, and no password of them is shown."""

from __future__ import annotations

import base64
import grp
import json
import os
import pwd
from pathlib import Path
from typing import Any

import pytest
from recorded_service import killed_after

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.node_files import install

WITH_PASSWORD = '{"RegisteredUsers": {"jane": "s3cret"}}'
IN_A_VALUE = '{"AzureBlobStorage": {"ConnectionString": "AccountName=ward;AccountKey=s3cret"}}'
OWNER, GROUP = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name


def file(path: Path, content: str | None = None, mode: str = "0640", **more: Any) -> dict[str, Any]:
    encoded = None if content is None else base64.b64encode(content.encode()).decode()
    return {"path": str(path), "content": encoded, "mode": mode, "owner": OWNER, "group": GROUP, **more}


def options(folder: Path, settings: str = "{}", *, absent: tuple[Path, ...] = ()) -> dict[str, Any]:
    managed = folder / "managed"
    return {
        "files": [
            file(managed, mode="0750"),
            file(managed / "orthanc.json", settings, settings=True),
            file(managed / "openssl.cnf", "[policy]\n"),
        ],
        "absent": [str(path) for path in absent],
    }


def run(wanted: dict[str, Any], *, check_mode: bool = False) -> dict[str, Any]:
    return install(wanted, check_mode=check_mode)


def test_what_is_missing_is_written_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    assert run(options(tmp_path))["changed"] is True
    assert (tmp_path / "managed" / "orthanc.json").stat().st_mode & 0o777 == 0o640
    assert run(options(tmp_path)) == {"changed": False, "files": [], "before": {}}


def test_check_mode_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    told = run(options(tmp_path), check_mode=True)
    assert list(tmp_path.iterdir()) == []
    assert told == run(options(tmp_path))


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    run(options(tmp_path))
    other = tmp_path / "managed" / "openssl.cnf"
    before = other.stat().st_ino
    told = run(options(tmp_path, '{"Name": "new"}'))
    assert told["files"] == [str(tmp_path / "managed" / "orthanc.json")]
    assert other.stat().st_ino == before
    assert told["before"] == {str(tmp_path / "managed" / "orthanc.json"): "{}"}


@pytest.mark.parametrize("harm", ["mode", "link", "folder mode"])
def test_what_somebody_changed_is_put_right(harm: str, tmp_path: Path) -> None:
    run(options(tmp_path))
    settings = tmp_path / "managed" / "orthanc.json"
    if harm == "mode":
        settings.chmod(0o644)
    if harm == "link":
        settings.unlink()
        settings.symlink_to("/etc/hostname")
    if harm == "folder mode":
        settings.parent.chmod(0o755)
    assert len(run(options(tmp_path))["files"]) == 1
    assert not settings.is_symlink() and settings.stat().st_mode & 0o777 == 0o640
    assert settings.parent.stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize(
    ("before", "after"),
    [(WITH_PASSWORD, "{}"), ("{}", WITH_PASSWORD), ("s3cret", "{}"), (IN_A_VALUE, "{}"), ("{}", IN_A_VALUE)],
    ids=["going", "coming", "unreadable", "in a value, going", "in a value, coming"],
)
def test_settings_with_passwords_are_not_shown_whether_they_come_or_go(before: str, after: str, tmp_path: Path) -> None:
    run(options(tmp_path, before))
    told = run(options(tmp_path, after))
    assert told["changed"] is True and "s3cret" not in json.dumps(told)
    assert told["before"] == {str(tmp_path / "managed" / "orthanc.json"): None}


def test_what_is_not_served_any_more_is_removed_after_all_is_written(tmp_path: Path) -> None:
    own = tmp_path / "server.pem"
    own.write_text("")
    assert str(own) == run(options(tmp_path, absent=(own,)))["files"][-1]
    assert not own.exists()


def test_a_group_that_a_package_brings_may_be_missing_in_check_mode_alone(tmp_path: Path) -> None:
    wanted = {"files": [file(tmp_path / "a", "", group="nosuchgroup")], "absent": []}
    assert run(wanted, check_mode=True)["changed"] is True
    with pytest.raises(OrthancTlsError, match="nosuchgroup"):
        run(wanted)


def test_killed_anywhere_each_file_is_the_old_one_or_the_new_one_and_the_next_run_writes_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "managed" / "orthanc.json"
    run(options(tmp_path, "old"))
    for count in range(50):
        run(options(tmp_path, "old"))
        done = killed_after(count, lambda: run(options(tmp_path, "new")), monkeypatch)
        assert settings.read_text() in ("old", "new")
        run(options(tmp_path, "new"))
        assert settings.read_text() == "new"
        if done:
            break
    assert count > 1
