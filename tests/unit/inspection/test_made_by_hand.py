# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence of a configuration made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_programs import Programs
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.made_by_hand import (
    HandMade,
    made_by_hand,
    read_changed,
)

PACKAGED = ["orthanc.json", "credentials.json"]
# As dpkg 1.22 answers: one is gone, two were changed, and a library and a file elsewhere are of no concern.
VERIFIED = """missing   c {0}/credentials.json
??5?????? c {0}/orthanc.json
??5??????   /usr/lib/orthanc/libDelayedDeletion.so
??5?????? c {0}/not-json.conf
??5?????? c /etc/elsewhere/orthanc.json
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir()
    return tmp_path / "etc"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    programs = Programs(tmp_path, monkeypatch)
    programs.answer("dpkg-query", "orthanc\tinstall\tinstalled\t1.12.7+dfsg-4\n")
    return programs


def test_changed_and_missing_files_of_the_package_are_evidence(folder: Path, programs: Programs) -> None:
    programs.answer("dpkg", VERIFIED.format(folder))
    found = made_by_hand(str(folder), "orthanc", PACKAGED)
    assert found == HandMade((f"{folder}/credentials.json", f"{folder}/orthanc.json"), ())
    assert programs.asked()[1:] == ["dpkg --verify orthanc"]


def test_every_json_that_orthanc_would_read_beside_the_packaged_ones_is_evidence(
    folder: Path, programs: Programs
) -> None:
    programs.answer("dpkg")
    for name in [*PACKAGED, "b.json", "a.json", "notes.txt", "orthanc.json.bak"]:
        (folder / name).touch()
    (folder / "tls.json").mkdir()
    (folder / "link.json").symlink_to(folder / "notes.txt")
    (folder / "gone.json").symlink_to(folder / "nosuch")
    extra = tuple(f"{folder}/{name}.json" for name in ("a", "b", "link"))
    assert made_by_hand(str(folder), "orthanc", PACKAGED) == HandMade((), extra)


def test_a_packages_own_configuration_is_no_evidence(folder: Path, programs: Programs) -> None:
    programs.answer("dpkg")
    (folder / "orthanc.json").touch()
    assert made_by_hand(str(folder), "orthanc", PACKAGED) == HandMade((), ())
    assert made_by_hand(f"{folder}/nosuch", "orthanc", PACKAGED) == HandMade((), ())


def test_of_a_package_that_is_not_installed_nothing_was_changed(folder: Path, programs: Programs) -> None:
    programs.answer("dpkg-query", status=1, complaint="dpkg-query: no packages found matching orthanc")
    programs.answer("dpkg", status=1, complaint="dpkg: package 'orthanc' is not installed")
    (folder / "own.json").touch()
    assert made_by_hand(str(folder), "orthanc", PACKAGED) == HandMade((), (f"{folder}/own.json",))


def test_what_dpkg_cannot_verify_is_an_error(folder: Path, programs: Programs) -> None:
    programs.answer("dpkg", status=2, complaint="dpkg: error: cannot open database")
    with pytest.raises(OrthancTlsError, match="cannot open database"):
        made_by_hand(str(folder), "orthanc", PACKAGED)


@given(st.text())
def test_whatever_is_answered_only_json_in_the_folder_is_told(answer: str) -> None:
    assert all(
        path.startswith("/etc/orthanc/") and path.endswith(".json") for path in read_changed(answer, "/etc/orthanc")
    )


NAME = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"], exclude_characters="/"), min_size=1)


@given(st.lists(st.tuples(st.sampled_from(["??5??????", ".M5....T.", "missing  "]), st.sampled_from(["c", " "]), NAME)))
def test_every_name_is_read_whatever_is_in_it(lines: list[tuple[str, str, str]]) -> None:
    answer = "".join(f"{tests} {kind} /etc/orthanc/{name}.json\n" for tests, kind, name in lines)
    assert read_changed(answer, "/etc/orthanc") == tuple(f"/etc/orthanc/{name}.json" for _tests, _kind, name in lines)
