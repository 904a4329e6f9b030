# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence of a configuration made by hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fake_programs import Programs
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection import made_by_hand as inspector
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.made_by_hand import (
    HandMade,
    made_by_hand,
    read_changed,
    read_owners,
)

UNIT = "orthanc.service"
# As dpkg 1.22 answers: one is gone, two were changed, and a library and a file elsewhere are of no concern.
VERIFIED = """missing   c {0}/credentials.json
??5?????? c {0}/orthanc.json
??5??????   /usr/lib/orthanc/libDelayedDeletion.so
??5?????? c {0}/not-json.conf
??5?????? c /etc/elsewhere/orthanc.json
"""
STARTS = "ExecStart={{ path=/usr/sbin/Orthanc ; argv[]=/usr/sbin/Orthanc --logdir=/var/log {0} ; ignore_errors=no }}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir()
    return tmp_path / "etc"


class Debian:
    """A node with Debian's Orthanc and a package for DICOMweb; each file of the folder is a package's, or nobody's."""

    def __init__(self, folder: Path, programs: Programs) -> None:
        self.folder = folder
        self.programs = programs
        self.starts(folder)
        self.programs.answer("dpkg")
        self.owns()

    def owns(self, **packages: str) -> None:
        """Let packages own files of the folder, by the name of the file. One answer is for both questions."""
        for name in packages:
            (self.folder / f"{name}.json").touch()
        found = "".join(f"{package}: {self.folder}/{name}.json\n" for name, package in packages.items())
        self.programs.answer("dpkg-query", f"orthanc\tinstall\tinstalled\t1.12.7+dfsg-4\n{found}")

    def starts(self, read: object) -> None:
        """Let the unit give Orthanc a file or folder."""
        self.programs.answer("systemctl", "LoadState=loaded\n" + STARTS.format(read))

    def found(self) -> HandMade:
        return made_by_hand(str(self.folder), "orthanc", UNIT, str(self.folder.parent / "no-program"))


@pytest.fixture
def debian(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Debian:
    return Debian(folder, Programs(tmp_path, monkeypatch))


def test_changed_and_missing_files_of_the_package_are_evidence(debian: Debian) -> None:
    debian.owns(orthanc="orthanc")
    debian.programs.answer("dpkg", VERIFIED.format(debian.folder))
    changed = (f"{debian.folder}/credentials.json", f"{debian.folder}/orthanc.json")
    assert debian.found() == HandMade(changed, ())
    assert "dpkg --verify orthanc" in debian.programs.asked()


def test_a_changed_file_of_a_plugins_package_is_evidence(debian: Debian) -> None:
    """Servers with their passwords are what people write into it."""
    debian.owns(orthanc="orthanc", dicomweb="orthanc-dicomweb")
    debian.programs.answer("dpkg", f"??5?????? c {debian.folder}/dicomweb.json\n")
    assert debian.found() == HandMade((f"{debian.folder}/dicomweb.json",), ())
    assert "dpkg --verify orthanc orthanc-dicomweb" in debian.programs.asked()


def test_the_name_of_a_packaged_file_makes_no_file_a_packages(debian: Debian) -> None:
    debian.owns(orthanc="orthanc")
    (debian.folder / "dicomweb.json").touch()
    assert debian.found() == HandMade((), (f"{debian.folder}/dicomweb.json",))


def test_files_that_a_newer_package_brings_are_no_evidence(debian: Debian) -> None:
    debian.owns(orthanc="orthanc", advanced="orthanc", postgresql="orthanc-postgresql")
    assert debian.found() == HandMade((), ())


def test_every_json_that_orthanc_would_read_beside_the_packaged_ones_is_evidence(debian: Debian) -> None:
    debian.owns(orthanc="orthanc", credentials="orthanc")
    for name in ["b.json", "a.json", "x[1].json", "notes.txt", "orthanc.json.bak"]:
        (debian.folder / name).touch()
    (debian.folder / "tls.json").mkdir()
    (debian.folder / "link.json").symlink_to(debian.folder / "notes.txt")
    (debian.folder / "gone.json").symlink_to(debian.folder / "nosuch")
    assert debian.found() == HandMade((), tuple(f"{debian.folder}/{name}.json" for name in ("a", "b", "link", "x[1]")))


def test_what_counts_is_the_folder_that_orthanc_reads(debian: Debian, tmp_path: Path) -> None:
    debian.owns(orthanc="orthanc")
    own = tmp_path / "srv"
    own.mkdir()
    (own / "images.json").touch()
    debian.starts(own)
    (debian.folder / "left-behind.json").touch()
    os.utime(debian.folder / "left-behind.json", (100, 100))
    assert debian.found() == HandMade((), (f"{own}/images.json",))


def test_one_file_may_be_all_that_orthanc_reads(debian: Debian, tmp_path: Path) -> None:
    own = tmp_path / "configuration.conf"
    own.touch()
    debian.starts(own)
    assert debian.found() == HandMade((), (str(own),))


def test_files_that_orthanc_does_not_read_are_told_where_they_were_edited_after_what_it_reads(
    debian: Debian, tmp_path: Path
) -> None:
    own = tmp_path / "managed"
    own.mkdir()
    debian.starts(own)
    debian.owns(orthanc="orthanc", dicomweb="orthanc-dicomweb", worklists="orthanc")
    (debian.folder / "mine.json").touch()
    (debian.folder / "before.json").touch()
    written = debian.folder / "orthanc.json"
    (own / "orthanc.json").touch()
    for file, time in {own / "orthanc.json": 200, debian.folder / "before.json": 100, written: 201}.items():
        os.utime(file, (time, time))
    debian.programs.answer("dpkg", f"??5?????? c {written}\n??5?????? c /etc/elsewhere/dicomweb.json\n")
    found = debian.found()
    assert found == HandMade((), (f"{own}/orthanc.json",), in_vain=(f"{debian.folder}/mine.json", str(written)))
    os.utime(written, (200, 200))
    assert debian.found().in_vain == (f"{debian.folder}/mine.json",)


def test_a_folder_that_orthanc_reads_holds_nothing_that_it_does_not_read(debian: Debian) -> None:
    debian.owns(orthanc="orthanc")
    debian.programs.answer("dpkg", f"??5?????? c {debian.folder}/orthanc.json\n")
    assert debian.found() == HandMade((f"{debian.folder}/orthanc.json",), ())


def test_a_unit_that_names_no_configuration_is_an_error(debian: Debian) -> None:
    debian.starts("")
    with pytest.raises(OrthancTlsError, match="starts Orthanc with no configuration"):
        debian.found()


@pytest.mark.parametrize("state", ["not-found", "masked"])
def test_without_a_unit_that_starts_the_packages_folder_counts(debian: Debian, state: str) -> None:
    debian.programs.answer("systemctl", f"LoadState={state}\n")
    (debian.folder / "own.json").touch()
    assert debian.found() == HandMade((), (f"{debian.folder}/own.json",))
    assert made_by_hand(f"{debian.folder}/nosuch", "orthanc", UNIT) == HandMade((), ())


def test_of_a_package_that_is_not_installed_nothing_was_changed(debian: Debian) -> None:
    debian.programs.answer("dpkg-query", status=1, complaint="dpkg-query: no packages found matching orthanc")
    debian.programs.answer("dpkg", status=1, complaint="dpkg: package 'orthanc' is not installed")
    (debian.folder / "own.json").touch()
    assert debian.found() == HandMade((), (f"{debian.folder}/own.json",))


def test_what_dpkg_cannot_verify_is_an_error(debian: Debian) -> None:
    debian.programs.answer("dpkg", status=2, complaint="dpkg: error: cannot open database")
    with pytest.raises(OrthancTlsError, match="cannot open database"):
        debian.found()


@pytest.fixture
def binaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with Orthanc's program, and one with plugins, of which Debian's are links."""
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (tmp_path / "Orthanc").touch()
    (plugins / "libServeFolders.so").symlink_to(tmp_path / "libServeFolders.so.1.12.7")
    monkeypatch.setattr(inspector, "PLUGINS", str(plugins))
    return tmp_path


def seen_binaries(debian: Debian, folder: Path) -> tuple[str, ...]:
    return made_by_hand(str(debian.folder), "orthanc", UNIT, str(folder / "Orthanc")).binaries


def test_program_and_plugins_of_packages_are_no_evidence(debian: Debian, binaries: Path) -> None:
    assert seen_binaries(debian, binaries) == ()
    (binaries / "plugins" / "libOfAPackage.so").touch()
    debian.programs.answer(
        "dpkg-query", f"orthanc\tinstall\tinstalled\t1\northanc-x: {binaries}/plugins/libOfAPackage.so\n"
    )
    assert seen_binaries(debian, binaries) == ()


def test_binaries_that_stand_where_packages_have_theirs_are_told(debian: Debian, binaries: Path) -> None:
    program, plugin = str(binaries / "Orthanc"), f"{binaries}/plugins/libOrthancDicomWeb.so"
    Path(plugin).touch()
    assert seen_binaries(debian, binaries) == (plugin,)
    debian.programs.answer("dpkg", f"??5??????   {program}\nmissing     /usr/bin/OrthancRecoverCompressedFile\n")
    assert seen_binaries(debian, binaries) == (program, plugin)
    assert debian.found().changed == (), "a program is no configuration"


def test_a_program_that_no_package_has_brought_is_told(debian: Debian, binaries: Path) -> None:
    debian.programs.answer("dpkg-query", status=1)
    assert seen_binaries(debian, binaries) == (str(binaries / "Orthanc"),)
    (binaries / "Orthanc").unlink()
    assert seen_binaries(debian, binaries) == ()


def test_owners_are_read_whatever_else_dpkg_says_of_a_path() -> None:
    answer = """diversion by site from: /etc/orthanc/a.json
diversion by site to: /etc/orthanc/a.json.distrib
orthanc, site:amd64: /etc/orthanc/a.json
orthanc-dicomweb: /etc/orthanc/b.json
orthanc: /etc/orthanc/not-asked.json
"""
    files = ["/etc/orthanc/a.json", "/etc/orthanc/b.json"]
    assert read_owners(answer, files) == {files[0]: "orthanc", files[1]: "orthanc-dicomweb"}


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
