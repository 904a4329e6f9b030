# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verification has shown, in a few lines: how much was tried, what was not, and until when all is valid."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc, utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.dicom_access import answers_everybody
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import value_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import WIDTH
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.silent_peers import silent_peers

_RESULT = "verify_result"


def verified_lines(
    hosts: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]], fleet: Fleet, took_part: Sequence[str]
) -> list[str]:
    """Return what to say of hosts on which all was as expected; C(took_part) are those whose pairs were tried."""
    results = {host: hostvars[host].get(_RESULT, {}).get("results") or [] for host in hosts}
    count = sum(map(len, results.values()))
    lines = [*_done(hosts, hostvars)]
    silent = [line for host in hosts for line in silent_peers(host, hostvars[host].get(_RESULT, {}), fleet)]
    expected = "all that must be is as expected" if silent else "all as expected"
    lines += [f"{_counted(count, 'probe')} on {_counted(len(hosts), 'node')}: {expected}.", *silent]
    left_out = sorted({peer for host in hosts for peer in fleet.node(host).peers if peer not in took_part})
    if left_out:
        lines += textwrap.wrap(f"Not tried, as they take no part in this run: {', '.join(left_out)}", WIDTH)
    return [*lines, *_open_to_dicom(hosts, fleet), *_earliest(hosts, hostvars)]


def _done(hosts: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield what this run has done before."""
    done = {
        "Done as planned": [host for host in hosts if _of_run(hostvars[host], "orthanc_plan", "steps")],
        "New certificates": [host for host in hosts if _of_run(hostvars[host], "identity_result", "renewed")],
    }
    for what, where in done.items():
        if where:
            yield from textwrap.wrap(f"{what}: {', '.join(where)}.", WIDTH, break_on_hyphens=False)


def _of_run(variables: Mapping[str, Any], name: str, key: str) -> Any:
    return (variables.get(name) or {}).get(key)


def tables(hosts: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return every row of every host, for those who want to see them."""
    found = {host: hostvars[host].get(_RESULT, {}).get("table") for host in hosts}
    return [line for host, table in found.items() if table for line in (f"{host}:", str(table))]


def _open_to_dicom(hosts: Sequence[str], fleet: Fleet) -> list[str]:
    """Return what no probe shows, as it is not refused: the settings that close it have to be chosen for each site."""
    found = [host for host in hosts if answers_everybody(value_of(fleet.variables(host), "orthanc_config"))]
    if not found:
        return []
    nodes = "every node" if len(found) == len(hosts) > 1 else ", ".join(found)
    return textwrap.wrap(
        f"The DICOM port answers everybody on {nodes}. DicomAlwaysAllowStore: false and DicomCheckModalityHost: true "
        "in orthanc_config close it.",
        WIDTH,
    )


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _earliest(hosts: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[str]:
    ends = {host: end for host in hosts if (end := _valid_until(hostvars[host]))}
    if not ends:
        return []
    host = min(ends, key=lambda name: ends[name])
    return [f"The next certificate to expire: {host}, on {ends[host]}."]


def _valid_until(variables: Mapping[str, Any]) -> str | None:
    """Return the end of a host's certificate: as this run has left it, or as the look has seen it."""
    for name, key in (("identity_result", "not_after"), ("orthanc_plan", "valid_until")):
        if end := _of_run(variables, name, key):
            with contextlib.suppress(OrthancTlsError, ValueError):
                return utc_text(parse_utc(str(end)))
    return None
