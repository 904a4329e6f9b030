# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orthancs that a run leaves alone, as they are not Debian's as its package left them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from seen_node import looked, node_of, unit

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.made_by_hand import HandMade
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import ManagedFile
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.packages import InstalledPackage
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.units import UnitState
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import facts as nginx
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.blocker import Blocker
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.blockers import blockers
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.orthanc_blockers import orthanc_blockers

DEBIANS = replace(
    unit(location.PROGRAM), file="/lib/systemd/system/orthanc.service", user="orthanc", groups=("orthanc",)
)
OWN_FILE = "/etc/systemd/system/orthanc.service"
OWN = replace(unit("/opt/orthanc/bin/Orthanc"), file=OWN_FILE, user="pacs")
ABSENT: dict[str, Any] = {"orthanc_version": None, "capabilities": None}


DROP_IN = "/etc/systemd/system/orthanc.service.d/override.conf"
ASKED_OF_PLUGINS = {"orthanc": InstalledPackage("1.12.7+dfsg-4"), "orthanc-dicomweb": InstalledPackage()}


def found(orthanc: UnitState, *, managed: bool = False, replaces: bool = False, **sections: Any) -> list[Blocker]:
    """What is found on a node whose settings are not the collection's, unless C(managed)."""
    files = {**looked().files, location.SETTINGS: ManagedFile("file" if managed else "missing")}
    units = {location.UNIT: orthanc, nginx.UNIT: unit("/usr/sbin/nginx")}
    look = looked(files=files, units=units, **{"ports": [], **sections})
    return blockers(node_of(), look, frontend_http_port=80, replace_configuration=replaces)


def only(trouble: list[Blocker]) -> Blocker:
    (blocker,) = trouble
    assert blocker.what.endswith(".") and blocker.remedy.endswith(".") and blocker.what.isprintable()
    return blocker


def test_debians_unit_is_taken() -> None:
    assert found(DEBIANS) == []
    assert found(replace(DEBIANS, drop_ins=("/etc/systemd/system/orthanc.service.d/override.conf",))) == []
    assert found(replace(DEBIANS, file=OWN_FILE)) == [], "edited as a whole, and it starts Debian's Orthanc"


@pytest.mark.parametrize("replaces", [False, True])
def test_an_orthanc_built_elsewhere_keeps_its_unit_and_is_named_with_its_user(replaces: bool) -> None:
    """Where Debian's Orthanc is not there, a run would put a link to /dev/null in the place of the unit."""
    blocker = only(found(OWN, replaces=replaces, **ABSENT))
    assert blocker.what == (
        f"orthanc.service ('{OWN_FILE}') starts '/opt/orthanc/bin/Orthanc' as 'pacs', and not Debian's Orthanc "
        "(/usr/sbin/Orthanc)."
    )
    assert "Take this host out of the group orthanc" in blocker.remedy
    assert found(OWN, managed=True, **ABSENT) == []


def test_another_program_in_a_drop_in_of_debians_unit_is_named_with_the_drop_in() -> None:
    drop_in = "/etc/systemd/system/orthanc.service.d/override.conf"
    blocker = only(found(replace(DEBIANS, programs=("/usr/local/bin/start",), user="", drop_ins=(drop_in,))))
    assert f"'{drop_in}') starts '/usr/local/bin/start' as 'root'" in blocker.what


def test_a_unit_of_ones_own_without_an_orthanc_is_kept_too() -> None:
    assert f"('{OWN_FILE}') starts '/usr/sbin/Orthanc'" in only(found(replace(DEBIANS, file=OWN_FILE), **ABSENT)).what
    assert found(DEBIANS, **ABSENT) == [], "a package that was removed has left nothing of one's own"


def test_where_there_is_no_unit_or_a_killed_run_has_masked_it_a_run_goes_on() -> None:
    gone = replace(DEBIANS, load_state="not-found", file="", programs=())
    masked = replace(DEBIANS, load_state="masked", file=OWN_FILE, programs=())
    assert found(gone, **ABSENT) == found(masked, **ABSENT) == []


@pytest.mark.parametrize(("user", "groups"), [("pacs", ("pacs",)), ("orthanc", ("pacs",)), ("pacs", ("root", "video"))])
def test_who_is_not_in_orthancs_group_is_named_with_the_file_that_says_so(user: str, groups: tuple[str, ...]) -> None:
    elsewhere = replace(DEBIANS, user=user, groups=groups, drop_ins=(DROP_IN,))
    blocker = only(found(elsewhere))
    assert f"orthanc.service ('{DROP_IN}') starts Orthanc as '{user}' in the group '{groups[0]}'" in blocker.what
    assert "who cannot read what a run writes for the group orthanc" in blocker.what
    assert blocker.remedy.startswith("Take Group= out of that file, or set it to orthanc")
    assert f"('{OWN_FILE}')" in only(found(replace(elsewhere, file=OWN_FILE, drop_ins=()))).what
    assert found(elsewhere, managed=True) == [], "it was seen healthy with that user"


@pytest.mark.parametrize(
    ("user", "groups"),
    [
        ("orthanc", ("orthanc",)),
        ("pacs", ("orthanc",)),
        ("pacs", ("pacs", "orthanc")),
        ("root", ("root",)),
        ("", ()),
        ("", ("pacs",)),
    ],
)
def test_a_user_who_can_read_what_a_run_writes_stays(user: str, groups: tuple[str, ...]) -> None:
    """Debian's unit has C(Group=orthanc), which stays where a drop-in has C(User) alone."""
    assert found(replace(DEBIANS, user=user, groups=groups, drop_ins=(DROP_IN,))) == []


def test_one_trouble_is_told_once() -> None:
    assert "starts" in only(found(OWN, made_by_hand=HandMade((), ("/opt/orthanc/configuration.json",)))).what


DICOM_WEB = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"
EXPLORER = "/usr/share/orthanc/plugins/libOrthancExplorer2.so"


def packages(*missing: str) -> dict[str, InstalledPackage]:
    """What is asked of packages in these tests, with those that are missing."""
    names = [*looked().packages]
    return {name: InstalledPackage(None if name in missing else "1.0-1") for name in names}


def of_others(*binaries: str) -> HandMade:
    return HandMade((), (), binaries)


@pytest.mark.parametrize("managed", [False, True])
def test_binaries_of_orthancs_authors_stay_where_no_package_is_missing(managed: bool) -> None:
    seen = of_others(location.PROGRAM, DICOM_WEB)
    assert found(DEBIANS, managed=managed, made_by_hand=seen, packages=packages()) == []
    assert found(DEBIANS, managed=managed, made_by_hand=seen, packages=packages("nginx")) == []


@pytest.mark.parametrize(
    ("binaries", "blocked"),
    [
        ((location.PROGRAM,), True),
        ((location.PROGRAM, DICOM_WEB), True),
        ((DICOM_WEB,), True),
        ((EXPLORER,), True),
        ((), False),
    ],
    ids=["program", "both", "plugin", "another plugin", "none"],
)
def test_no_package_is_installed_over_binaries_of_orthancs_authors(binaries: tuple[str, ...], blocked: bool) -> None:
    trouble = found(DEBIANS, made_by_hand=of_others(*binaries), packages=packages("orthanc"))
    assert bool(trouble) is blocked
    if blocked:
        text = only(trouble)
        assert (
            all(f"'{file}'" in text.what for file in binaries) and "would install orthanc over or beside" in text.what
        )
        assert "Set orthanc_packages for this host" in text.remedy


def test_a_plugin_beside_debians_blocks_only_the_package_that_brings_it() -> None:
    asked = dict(ASKED_OF_PLUGINS)
    look = looked(packages=asked, asked={"packages": [*asked]}, made_by_hand=of_others(DICOM_WEB, EXPLORER))
    (blocker,) = orthanc_blockers(look, by_hand_counts=False)
    assert DICOM_WEB in blocker.what and EXPLORER not in blocker.what and "orthanc-dicomweb" in blocker.what
    look = looked(packages=asked, asked={"packages": [*asked]}, made_by_hand=of_others(EXPLORER))
    assert list(orthanc_blockers(look, by_hand_counts=False)) == []


def test_binaries_are_absolute_paths() -> None:
    with pytest.raises(OrthancTlsError, match="made_by_hand"):
        looked(made_by_hand=of_others("plugins/x.so"))
