# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which variables the collection has, and which of an inventory's look like them but are not among them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

COLLECTION = Path(__file__).resolve().parents[3]
SPECIFICATIONS = ("playbooks/meta/argument_specs.yml", "roles/*/meta/argument_specs.yml")
PREFIXES = (
    "adopt_",
    "ca_",
    "client_",
    "clients_",
    "revoke_",
    "frontend_",
    "identity_",
    "orthanc_",
    "report_",
    "rollback_",
    "rollover_",
    "rotate_",
    "schedule_",
    "verify_",
)
SET_WHILE_RUNNING = frozenset(
    (
        "client_result",
        "identity_result",
        "orthanc_others",
        "orthanc_plan",
        "orthanc_shown",
        "orthanc_told_trust",
        "orthanc_tried",
        "orthanc_who_trusts",
        "revoke_done",
        "rollback_ca",
        "rollback_done",
        "rollback_peers",
        "rollback_released",
        "rollback_target",
        "rollover_gate",
        "rollover_look",
        "rollover_updated",
        "verify_result",
    )
)
"""What tasks of ours register; a host has them where one playbook follows another."""

OWN_VARIABLES = "orthanc_own_variables"
_NAMED_HOSTS = 3


def specified_variables() -> frozenset[str]:
    """Every variable that a role or a playbook of the collection takes."""
    files = [file for pattern in SPECIFICATIONS for file in sorted(COLLECTION.glob(pattern))]
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries = [entry for file in files for entry in _entries(yaml.load(file.read_text(encoding="utf-8"), loader))]
    return frozenset(name for entry in entries for name in entry.get("options", {}))


def unknown_variables(names: Mapping[str, Iterable[str]], own: Mapping[str, object]) -> str:
    """What to say of variables with a prefix of ours that are none of ours; empty if there are none.

    It takes the names of each host's variables, and the host's C(orthanc_own_variables).
    """
    specified = specified_variables()
    found: dict[str, list[str]] = {}
    for host in names:
        others = specified | SET_WHILE_RUNNING | _own_variables(host, own[host])
        for name in names[host]:
            if name.startswith(PREFIXES) and name not in others:
                found.setdefault(name, []).append(host)
    if not found:
        return ""
    lines = [f"  {name} ({hosts_named(found[name], len(names))}): {_advice(name, specified)}" for name in sorted(found)]
    return (
        "Unknown variables with a prefix of this collection:\n"
        + "\n".join(lines)
        + f"\nCorrect the names. If a variable is your own, add its name to the list {OWN_VARIABLES}."
    )


def _entries(specification: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    entries: Mapping[str, Mapping[str, Any]] = specification["argument_specs"]
    return entries.values()


def _own_variables(host: str, own: object) -> frozenset[str]:
    if not isinstance(own, list) or not all(isinstance(name, str) for name in own):
        raise OrthancTlsError(f"{host}: {OWN_VARIABLES} must be a list of names of variables, such as [ca_bundle].")
    return frozenset(own)


def hosts_named(hosts: list[str], of: int) -> str:
    """Name some hosts, a few at most, of so many."""
    if len(hosts) == of and of > 1:
        return "every host"
    more = len(hosts) - _NAMED_HOSTS
    return ", ".join(hosts[:_NAMED_HOSTS]) + (f" and {more} more" if more > 0 else "")


def _advice(name: str, specified: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(specified), n=1)
    return f"did you mean {close[0]}?" if close else "the collection has no similar name"
