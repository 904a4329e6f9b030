# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a node's identity: what it holds, what its port serves, and whether the service has loaded it.

Whatever cannot be seen is told and is no failure: a gate wants to name the node.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.facts import generation_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import CURRENT
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.certificates import port_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.record import compare
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.served_chain import Port
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.first_certificate import (
    first_certificate_sha256,
)

_NO_CRYPTOGRAPHY = "Python's cryptography is missing on this node; install python3-cryptography."


@dataclass(frozen=True)
class LoadedService:
    """A service that has loaded the identity: its unit, and the folder with the record of what it was healthy with.

    C(certificate) is the PEM file that it serves from, where that is not the identity's; C(port) is where it is asked.
    """

    unit: str
    record: str
    certificate: str | None
    port: Port


def look_at(options: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the result of C(identity_info); without cryptography, little more than whether there is an identity."""
    if importlib.util.find_spec("cryptography") is None:
        return unseen(options["path"], _NO_CRYPTOGRAPHY)
    return look(options["path"], [_service(service, options) for service in options["services"]], now)


def look(path: str, services: Sequence[LoadedService], now: datetime) -> dict[str, Any]:
    """Return the module's result."""
    identity, fault = _seen(lambda: generation_facts(path, now))
    looks = [_service_look(path, service, identity, now) for service in services]
    return {
        "changed": False,
        "present": present(path),
        "identity": identity,
        "fault": fault,
        "services": looks,
        "served": next((look["served"] for look in looks if look["served"]), None),
        "not_loaded": next((look["not_loaded"] for look in looks if look["not_loaded"]), None),
    }


def _service(service: Mapping[str, Any], options: Mapping[str, Any]) -> LoadedService:
    port = Port(options["host"], service["port"], service["server_name"], options["timeout"])
    return LoadedService(service["service"], service["record"], service["certificate"], port)


def _service_look(path: str, service: LoadedService, identity: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    served, silence = _seen(lambda: port_facts(service.port, now))
    holds = first_certificate_sha256(service.certificate) if service.certificate else _leaf(identity)
    absence = None if holds else f"Cannot read a certificate in {service.certificate}."
    return {
        "service": service.unit,
        "served": served and served["certificates"],
        "not_loaded": _not_loaded(path, service, identity, holds, served, silence or absence),
    }


def unseen(path: str, why: str) -> dict[str, Any]:
    """Return the module's result where nothing can be looked at."""
    return {
        "changed": False,
        "present": present(path),
        "identity": None,
        "fault": why,
        "services": [],
        "served": None,
        "not_loaded": why,
    }


def present(path: str) -> bool:
    """Say whether there is an identity's folder, whatever state it is in."""
    return os.path.lexists(os.path.join(path, CURRENT))


def _not_loaded(
    path: str,
    service: LoadedService,
    identity: dict[str, Any] | None,
    holds: str | None,
    served: dict[str, Any] | None,
    unseen: str | None,
) -> str | None:
    """Say why the service has not loaded what the node holds; C(None) where it has."""
    if identity is None:
        return "there is no identity to load"
    differs = compare(service.record, service.unit, [os.path.join(path, CURRENT)])["differs"]
    if differs:
        return f"{service.unit} has not loaded {identity['generation']['name']} ({differs[-1]['why']})"
    if served is None or holds is None:
        return unseen
    if _leaf(served) != holds:
        return f"{service.unit} serves another certificate than the node holds"
    return None


def _leaf(facts: dict[str, Any] | None) -> str | None:
    certificates = facts["certificates"] if facts else None
    return certificates[0]["fingerprint_sha256"] if certificates else None


def _seen(facts: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any] | None, str | None]:
    try:
        return facts(), None
    except OrthancTlsError as error:
        return None, str(error)
