# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd says of units: whether they run, from which files, as whom (standard library only)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.ask_program import ask
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.environment import assignments
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.unit import (
    file_environment,
    groups_of,
    process_environment,
)

_PROPERTIES = (
    "Id",
    "LoadState",
    "ActiveState",
    "SubState",
    "UnitFileState",
    "FragmentPath",
    "DropInPaths",
    "User",
    "Group",
    "SupplementaryGroups",
    "MainPID",
    "ExecStart",
    "NeedDaemonReload",
    "Environment",
    "EnvironmentFiles",
)
_PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
"""Where libcurl finds a proxy for HTTPS. Their values may hold a password, and are not told."""
_OF_A_RUN = ("SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF", "LD_LIBRARY_PATH")
"""What a run sets in a unit."""
_PROGRAM = re.compile(r"\{ path=(.*?) ; argv\[\]=")


@dataclass(frozen=True)
class UnitState:
    """A unit in systemd's own words (systemctl(1), org.freedesktop.systemd1(5)).

    C(load_state) is C(loaded), C(not-found) or C(masked); C(file_state) is C(enabled), C(masked) and the like, empty
    without a file. C(user) is empty where the unit names none, which is root. C(main_pid) is 0 where nothing runs.
    C(programs) are the paths of what it starts, without arguments. C(needs_reload) says that its files were changed
    since systemd read them. C(proxies) are variables of its process, or of the unit where nothing runs, that name a
    proxy for HTTPS, and C(no_proxy) says for which hosts libcurl takes none. C(groups) are those of the user, as
    C(unit.groups_of) has them. C(outranked) are variables of a run that a file of the unit's sets as well, and so wins.
    """

    load_state: str
    active_state: str
    sub_state: str
    file_state: str
    file: str
    drop_ins: tuple[str, ...]
    user: str
    main_pid: int
    programs: tuple[str, ...]
    needs_reload: bool
    proxies: tuple[str, ...] = ()
    no_proxy: str = ""
    groups: tuple[str, ...] = ()
    outranked: tuple[str, ...] = ()


def unit_states(units: Sequence[str]) -> dict[str, UnitState]:
    """Ask systemd for units by their names, in one call; one that does not exist is C(not-found)."""
    if not units:
        return {}
    properties = [f"--property={name}" for name in _PROPERTIES]
    return read_units(ask(["systemctl", "show", "--no-pager", *properties, "--", *units]), units)


def read_units(answer: str, units: Sequence[str]) -> dict[str, UnitState]:
    """Read one block per unit, in the order in which they were asked for."""
    blocks = [block for block in re.split(r"\n\n+", answer.strip("\n")) if block]
    if len(blocks) != len(units):
        raise OrthancTlsError(f"systemd answers with {len(blocks)} units instead of {len(units)} ({', '.join(units)}).")
    return {unit: _state(_values(block)) for unit, block in zip(units, blocks, strict=True)}


def _values(block: str) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {name: [] for name in _PROPERTIES}
    for line in block.split("\n"):
        name, equals, value = line.partition("=")
        if equals and value and name in values:
            values[name].append(value)
    return values


def _state(values: Mapping[str, list[str]]) -> UnitState:
    def one(name: str) -> str:
        return values[name][0] if values[name] else ""

    pid = one("MainPID") if re.fullmatch(r"[0-9]{1,10}", one("MainPID")) else "0"
    environment = {**assignments(one("Environment")), **process_environment(pid)}
    of_files = file_environment(values["EnvironmentFiles"])
    return UnitState(
        load_state=one("LoadState"),
        active_state=one("ActiveState"),
        sub_state=one("SubState"),
        file_state=one("UnitFileState"),
        file=one("FragmentPath"),
        drop_ins=tuple(one("DropInPaths").split()),
        user=one("User"),
        main_pid=int(pid),
        programs=tuple(match[1] for start in values["ExecStart"] if (match := _PROGRAM.match(start))),
        needs_reload=one("NeedDaemonReload") == "yes",
        proxies=tuple(name for name in _PROXIES if environment.get(name)),
        no_proxy=environment.get("no_proxy") or environment.get("NO_PROXY") or "",
        groups=groups_of(one("User"), one("Group"), one("SupplementaryGroups")),
        outranked=tuple(name for name in _OF_A_RUN if name in of_files),
    )
