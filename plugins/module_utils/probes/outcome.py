# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a task's probes: a table, and a failure in sentences where anything is not as expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.options import read_probes
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.run import run
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.table import failure_sentences, full_table


def outcome(options: Mapping[str, Any]) -> dict[str, Any]:
    """Try the probes and return the result of C(tls_probe)."""
    probes = read_probes(options["probes"])
    results = run(probes, timeout=options["timeout"], retries=options["retries"], delay=options["delay"])
    seen = {"results": [result.as_dict() for result in results], "table": full_table(results)}
    if not any(result.fails for result in results):
        return seen
    return {**seen, "failed": True, "msg": failure_sentences(results)}
