# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How systemd starts Orthanc: the path of its configuration and its environment (standard library only)."""

from __future__ import annotations

import glob
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.environment import (
    assignments,
    file_assignments,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.location import PROGRAM

PROCESSES = "/proc"
_PROPERTIES = (
    *("LoadState", "ExecStart", "User", "Group", "SupplementaryGroups", "Environment", "EnvironmentFiles"),
    *("FragmentPath", "DropInPaths", "MainPID"),
)
_PROGRAM = re.compile(r"\{ path=(.*?) ; argv\[\]=")
_ARGUMENTS = re.compile(r"argv\[\]=(.*?) ; ignore_errors=")
_OPTIONAL_FILE = re.compile(r"(?P<path>.*) \(ignore_errors=(?:yes|no)\)")


@dataclass(frozen=True)
class Unit:
    """A unit with its drop-ins; C(environment) is what its process has, or would have.

    C(configuration) may be empty where C(program) is not Debian's. C(user) is empty for root, and
    C(groups) are the groups of that user.
    """

    configuration: str
    environment: Mapping[str, str]
    files: tuple[str, ...]
    program: str = PROGRAM
    user: str = ""
    groups: tuple[str, ...] = ()


def read_unit(service: str) -> Unit:
    """Ask systemd for the unit as it would start it next."""
    command = ["systemctl", "show", "--no-pager", service, *(f"--property={name}" for name in _PROPERTIES)]
    try:
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise OrthancTlsError(f"systemd does not say how it starts {service}: {error}.") from error
    return unit_of(service, shown)


def unit_of(service: str, shown: str) -> Unit:
    """Read what C(systemctl show) says."""
    properties: dict[str, list[str]] = {name: [] for name in _PROPERTIES}
    for line in shown.splitlines():
        name, _equals, value = line.partition("=")
        if name in properties and value:
            properties[name].append(value)
    if properties["LoadState"] != ["loaded"]:
        raise OrthancTlsError(
            f"There is no {service} on this host, so there is nothing to take over; site.yml installs Orthanc."
        )
    environment = {
        **assignments(" ".join(properties["Environment"])),
        **file_environment(properties["EnvironmentFiles"]),
        # Last, as this is what Orthanc has read its configuration with.
        **process_environment("".join(properties["MainPID"])),
    }
    files = [*properties["FragmentPath"], *(path for paths in properties["DropInPaths"] for path in paths.split())]
    program = " and ".join(match[1] for start in properties["ExecStart"] if (match := _PROGRAM.match(start)))
    found = _configuration(service, program, properties["ExecStart"])
    user, group, others = ("".join(properties[name]) for name in ("User", "Group", "SupplementaryGroups"))
    return Unit(found, environment, tuple(files), program, user, groups_of(user, group, others))


def groups_of(user: str, group: str, others: str) -> tuple[str, ...]:
    """Return the groups of a unit's user; where the unit names none, it is one of the user's name, as Debian has it."""
    return (group or user, *others.split()) if group or user or others else ()


def _configuration(service: str, program: str, starts: Sequence[str]) -> str:
    """The one path among the arguments: Orthanc takes one, and every option begins with a dash."""
    arguments = [match[1].split() for start in starts if (match := _ARGUMENTS.search(start))]
    paths = [word for words in arguments for word in words[1:] if not word.startswith("-")]
    if len(paths) != 1 or not paths[0].startswith("/"):
        if program != PROGRAM:
            return ""
        raise OrthancTlsError(
            f"{service} starts Orthanc with {' and '.join(paths) or 'no configuration'}; expected one absolute path of "
            "a file or folder in its ExecStart."
        )
    return paths[0].rstrip("/") or "/"


def process_environment(main_pid: str) -> dict[str, str]:
    """What the process that runs was given; nothing where none runs."""
    try:
        with open(f"{PROCESSES}/{int(main_pid)}/environ", encoding="utf-8", errors="replace") as file:
            return dict(entry.split("=", 1) for entry in file.read().split("\0") if "=" in entry)
    except (OSError, IndexError, ValueError):
        return {}


def file_environment(values: Sequence[str]) -> dict[str, str]:
    """Return what the files say that C(EnvironmentFiles) names; systemd takes it before what C(Environment) says."""
    found: dict[str, str] = {}
    for value in values:
        match = _OPTIONAL_FILE.fullmatch(value)
        for path in sorted(glob.glob(match["path"] if match else value)):
            found |= _environment_file(path)
    return found


def _environment_file(path: str) -> dict[str, str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file_assignments(file.read())
    except OSError:
        return {}  # systemd itself says whether that is an error
