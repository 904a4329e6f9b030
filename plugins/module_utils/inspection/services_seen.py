# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each service of a node beside its record and its port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.answers import SECONDS
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.identity import look_at
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.record import compare


def services_seen(path: str, services: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """Return by name what C(_seen) says; C(path) is the identity's folder."""
    return {service["name"]: _seen(path, service, now) for service in services}


def _seen(path: str, service: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Compare a service's files with its record, and what its port serves with what the node holds.

    C(record) is as C(compare) returns it, or None with a C(fault). Without a port,
    C(served) and C(not_loaded) are None.
    """
    record, fault = _record(service)
    if service["port"] is None:
        return {"record": record, "fault": fault, "served": None, "not_loaded": None}
    asked = {"host": service["host"], "timeout": SECONDS, "services": [{**service, "service": service["unit"]}]}
    options = {**asked, "path": path}
    seen = look_at(options, now)
    return {"record": record, "fault": fault, "served": seen["served"], "not_loaded": seen["not_loaded"]}


def _record(service: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    try:
        compared = compare(service["record"], service["unit"], service["files"])
    except (OrthancTlsError, OSError) as error:
        return None, str(error)
    del compared["changed"]
    return compared, None
