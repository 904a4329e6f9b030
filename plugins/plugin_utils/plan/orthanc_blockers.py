# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orthancs that a run must not touch: configured by hand, built elsewhere, or replaced by other binaries."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import ManagedFile
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.units import UnitState
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.known_issuers import shown, some
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.blocker import Blocker
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook

_MISSING = "missing"
_PACKAGES = "orthanc"
"""How Debian's packages of Orthanc and its plugins begin."""
_OF_PACKAGES = ("/lib/systemd/", "/usr/lib/systemd/")


def is_managed(look: NodeLook) -> bool:
    """Whether a run has written Orthanc's configuration before."""
    return look.files.get(location.SETTINGS, ManagedFile(_MISSING)).kind != _MISSING


def orthanc_blockers(look: NodeLook, *, by_hand_counts: bool) -> Iterator[Blocker]:
    """Yield what is not Debian's Orthanc as its package left it; C(by_hand_counts) says that its settings count too."""
    unit = look.units.get(location.UNIT)
    foreign = [] if unit is None or is_managed(look) else list(_foreign_unit(unit, look))
    yield from foreign
    yield from _overwritten(look)
    if by_hand_counts and not foreign:
        yield from _made_by_hand(look)


def _is_installed(look: NodeLook) -> bool:
    return look.capabilities is not None or bool({"orthanc_version", "capabilities"} & look.faults.keys())


def _foreign_unit(unit: UnitState, look: NodeLook) -> Iterator[Blocker]:
    """A unit that a run would replace, whose program it would replace, or whose user could not read what it writes."""
    if unit.load_state != "loaded":
        return
    others = [program for program in unit.programs if program != location.PROGRAM]
    of_package = not unit.file or unit.file.startswith(_OF_PACKAGES)
    if others or not (of_package or _is_installed(look)):
        program = some([shown(program) for program in others or unit.programs]) or "nothing"
        yield Blocker(
            f"{location.UNIT} ({some([shown(file) for file in (unit.file, *unit.drop_ins) if file])}) starts {program} "
            f"as {shown(unit.user or 'root')}, and not Debian's Orthanc ({location.PROGRAM}).",
            "Take this host out of the group orthanc, as the collection manages Debian's Orthanc alone; or move its "
            "studies to Debian's Orthanc and remove what starts the other program, as the page on adopt says.",
        )
    elif not location.reads_what_is_written(unit.user, unit.groups):
        yield Blocker(
            f"{location.UNIT} ({some([shown(file) for file in unit.drop_ins or (unit.file,)])}) starts Orthanc as "
            f"{shown(unit.user)} in the group {some([shown(group) for group in unit.groups])}, who cannot read what a "
            f"run writes for the group {location.GROUP}.",
            f"Take Group= out of that file, or set it to {location.GROUP}, and restart Orthanc. Where a whole unit of "
            f"your own has no Group=, put SupplementaryGroups={location.GROUP} into its section [Service].",
        )


def _overwritten(look: NodeLook) -> Iterator[Blocker]:
    """Binaries of somebody else that a package of Debian's would replace, or of which it would mix with its own."""
    missing = [name for name, seen in look.packages.items() if seen.version is None and name.startswith(_PACKAGES)]
    binaries = look.made_by_hand.binaries if look.made_by_hand else ()
    if location.PROGRAM not in binaries:
        binaries = tuple(file for file in binaries if any(_brings(package, file) for package in missing))
    if missing and binaries:
        yield Blocker(
            f"{some([shown(file) for file in binaries])} {'is' if len(binaries) == 1 else 'are'} of no package of "
            f"Debian's, and a run would install {some(missing)} over or beside that.",
            "Set orthanc_packages for this host to what a run may install, such as [openssl, python3-cryptography], so "
            "that these files stay; or remove them, so that Debian's are installed.",
        )


def _brings(package: str, plugin: str) -> bool:
    """Whether a package brings a plugin of that name: orthanc-dicomweb has libOrthancDicomWeb.so."""
    return os.path.basename(plugin).lower().startswith(f"lib{package.replace('-', '')}")


def _made_by_hand(look: NodeLook) -> Iterator[Blocker]:
    """A configuration that nobody reads, as there is no Orthanc yet, is not taken for one."""
    seen = look.made_by_hand
    there = look.orthanc_version or _is_installed(look)
    if seen and (files := [*seen.changed, *seen.extra]) and there:
        yield Blocker(
            f"This Orthanc was configured by hand ({some([shown(file) for file in files])}), and site.yml would "
            "replace that configuration: studies in another StorageDirectory would seem gone.",
            "Take it over with adopt.yml; or move what matters (StorageDirectory and IndexDirectory first of all, then "
            "modalities, users, plugins) into orthanc_config, and set orthanc_replace_configuration: true for this "
            "host.",
        )
