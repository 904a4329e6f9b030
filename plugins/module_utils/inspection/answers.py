# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the services of a node answer now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.options import Probe, read_probes
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.run import run

Options = Mapping[str, Any]

SECONDS = 2.0
"""How long to wait for a connection, and once more for the answer."""


def answers(options: Sequence[Options]) -> dict[str, Any]:
    """Try probes, each once: C(results) as C(tls_probe) returns them, and C(faults) by the names of those not tried."""
    probes, faults = readable(options)
    results = run(probes, timeout=SECONDS) if probes else []
    return {"results": [result.as_dict() for result in results], "faults": faults}


def readable(options: Sequence[Options]) -> tuple[list[Probe], dict[str, str]]:
    """Return the probes that can be tried, and by name why the others cannot.

    A probe that cannot be tried, such as one whose certificate is not there yet, takes only those along that have it
    as their control.
    """
    probes: list[Probe] = []
    faults: dict[str, str] = {}
    for group in _groups(options):
        try:
            probes += read_probes(group)
        except (OrthancTlsError, OSError) as error:
            faults.update({option["name"]: str(error) for option in group})
    return probes, faults


def _groups(options: Sequence[Options]) -> list[list[Options]]:
    """Each control with the probes that count only beside it."""
    groups: dict[str, list[Options]] = {}
    for option in options:
        groups.setdefault(option.get("control") or option["name"], []).append(option)
    return list(groups.values())
