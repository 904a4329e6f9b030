# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What dpkg says of packages."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_programs import Programs
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.packages import (
    InstalledPackage,
    installed,
    read_packages,
)

# As dpkg-query on Debian 13 answers: nginx is held, tcc is held though it is not installed, wget was removed.
TABLE = """nginx\thold\tinstalled\t1.26.3-3+deb13u11
orthanc\tinstall\tinstalled\t1.12.7+dfsg-4
tcc\thold\tnot-installed\t
wget\tdeinstall\tconfig-files\t1.25.0-2
libc6\tinstall\tinstalled\t2.41-12
libc6\tinstall\tinstalled\t2.41-12
"""
NAMES = ["orthanc", "nginx", "tcc", "wget", "nosuch"]


def test_all_packages_are_told_by_one_call_whether_they_are_known_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = Programs(tmp_path, monkeypatch)
    programs.answer("dpkg-query", TABLE, status=1, complaint="dpkg-query: no packages found matching nosuch")
    assert installed(NAMES) == {
        "orthanc": InstalledPackage("1.12.7+dfsg-4"),
        "nginx": InstalledPackage("1.26.3-3+deb13u11", on_hold=True),
        "tcc": InstalledPackage(on_hold=True),
        "wget": InstalledPackage(),
        "nosuch": InstalledPackage(),
    }
    (asked,) = programs.asked()
    assert asked.endswith("-- orthanc nginx tcc wget nosuch")


def test_no_names_are_no_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = Programs(tmp_path, monkeypatch)
    assert installed([]) == {} and programs.asked() == []


def test_a_host_without_dpkg_and_a_broken_database_are_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = Programs(tmp_path, monkeypatch)
    programs.answer("dpkg-query", status=2, complaint="dpkg-query: error: failed to open package info file")
    with pytest.raises(OrthancTlsError, match="failed to open package info"):
        installed(["orthanc"])
    (programs.folder / "dpkg-query").unlink()
    programs.none()
    with pytest.raises(OrthancTlsError, match="'dpkg-query' cannot be run"):
        installed(["orthanc"])


@given(st.text(), st.lists(st.text(max_size=20), max_size=5))
def test_whatever_is_answered_exactly_the_packages_that_were_asked_for_are_told(answer: str, names: list[str]) -> None:
    assert read_packages(answer, names).keys() == set(names)


VERSION = st.from_regex(r"[0-9][A-Za-z0-9.+~-]{0,20}", fullmatch=True)


@given(st.dictionaries(st.from_regex(r"[a-z0-9][a-z0-9+.-]{1,20}", fullmatch=True), st.tuples(VERSION, st.booleans())))
def test_every_version_and_hold_is_read(packages: dict[str, tuple[str, bool]]) -> None:
    table = "".join(
        f"{name}\t{'hold' if held else 'install'}\tinstalled\t{version}\n" for name, (version, held) in packages.items()
    )
    assert read_packages(table, list(packages)) == {name: InstalledPackage(*seen) for name, seen in packages.items()}
