# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Orthanc itself says of a request that it could not pass on: its answer names no reason, its log does."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.options import Probe
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.log_tail import end_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.client import observe

MOST = 4
"""How many requests are made once more, one after the other: the log does not say to which one a line belongs."""

_ERROR = re.compile(r"E[0-9]{4} .*libCURL error: (?P<text>.+?)(?: while accessing .*)?", re.ASCII)
_LONGEST = 200  # characters


def words_for(probes: Sequence[Probe], log: str, timeout: float) -> dict[str, list[str]]:
    """Return by the name of a probe which errors Orthanc logs while it is made again."""
    found = {}
    for probe in probes[:MOST]:
        before = end_of(log).splitlines()
        observe(probe.target, probe.context, probe.request, timeout)
        new = [line for line in end_of(log).splitlines() if line not in before]
        if words := errors_in(new):
            found[probe.name] = words
    return found


def errors_in(lines: Sequence[str]) -> list[str]:
    """Return what failed in requests of Orthanc, in libcurl's words and without the URL, which may name a patient."""
    matches = map(_ERROR.fullmatch, lines)
    return list(dict.fromkeys(match["text"][:_LONGEST] for match in matches if match))
