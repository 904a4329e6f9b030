# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verification sees on a node, in one execution: probes, Orthanc's own words, and certificates with their ends.

It changes nothing, and a failed probe does not fail the task: the control node compares, as it knows the whole fleet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.location import PATH_OPTION
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.pending import read_pending
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.answers import readable
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.certificates import path_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.relayed import words_for
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.stored_link import followed
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.options import Probe
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.run import Result, run
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.specification import PROBES_OPTION

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    **PATH_OPTION,
    **PROBES_OPTION,
    "ca_path": {"type": "path"},
    "peers": {"type": "list", "elements": "str", "default": []},
    "calls_only": {"type": "bool", "default": False},
    "timeout": {"type": "float", "default": 10},
    "relayed": {"type": "list", "elements": "str", "default": []},
    "log": {"type": "path"},
    "dicom_web": {
        "type": "dict",
        "options": {"probe": {"type": "str", "required": True}, "root": {"type": "str", "required": True}},
    },
    "certificate": {"type": "path"},
}

Options = Mapping[str, Any]


def verify(options: Options, now: datetime) -> dict[str, Any]:
    """Return the result of C(node_verify)."""
    probes, faults = readable(options["probes"])
    results = run(probes, timeout=options["timeout"]) if probes else []
    return {
        "changed": False,
        "answers": {"results": [result.as_dict() for result in results], "faults": faults},
        "words": _words(results, options),
        "link": _link(results, options["dicom_web"], options["timeout"]),
        "identity": _facts(lambda: path_facts(options["path"], now)),
        "pending": order.shown() if (order := read_pending(options["path"])) else None,
        "certificate": _facts(lambda: path_facts(options["certificate"], now)) if options["certificate"] else None,
    }


def _facts(read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"facts": read(), "fault": None}
    except (OrthancTlsError, ImportError) as error:
        return {"facts": None, "fault": str(error)}


def _words(results: Sequence[Result], options: Options) -> dict[str, list[str]]:
    failed: list[Probe] = [
        result.probe
        for result in results
        if not result.ok and result.observation.status is not None and result.probe.name in options["relayed"]
    ]
    return words_for(failed, options["log"], options["timeout"]) if options["log"] else {}


def _link(results: Sequence[Result], dicom_web: Options | None, timeout: float) -> dict[str, Any] | None:
    """Follow a link of the DICOMweb server, where the node answers itself."""
    for result in results:
        if dicom_web and result.probe.name == dicom_web["probe"] and result.ok:
            return followed(result.probe, dicom_web["root"], timeout)
    return None
