# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one reader of what C(node_look) answers: every text and number has the type, and belongs to what was asked.

A node may be broken or compromised. What it says is data about itself, and is escaped wherever it is shown.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.binary_capabilities import FileCapabilities
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.clock import Clock
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.free_space import FreeSpace
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.made_by_hand import HandMade
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import ManagedFile
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.nginx_sites import NginxSites
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.packages import InstalledPackage
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.port_holders import Holder
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.units import UnitState
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.identity import (
    CertificateFacts,
    IdentityFacts,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.reader import (
    check_size,
    check_success,
    described,
    odd,
    read_as,
    types_of,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.seen_enrolment import (
    SeenEnrolment,
    check_enrolment,
)

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """A file, link or unit that is not as recorded, and why."""

    path: str
    why: str


@dataclass(frozen=True)
class ComparedRecord:
    """What differs from what a service was last seen healthy with; C(service_state) is systemd's ActiveState."""

    recorded: bool
    differs: tuple[Difference, ...]
    service_state: str


@dataclass(frozen=True)
class SeenService:
    """A service beside its record and its port. Either C(record) or C(fault) is there.

    C(served) are facts of the certificates that it serves, leaf first. C(not_loaded) says why that is not what the node
    holds.
    """

    record: ComparedRecord | None
    fault: str | None
    served: tuple[Mapping[str, Any], ...] | None
    not_loaded: str | None


@dataclass(frozen=True)
class SeenIdentity:
    """Whether there is an identity's folder, and the facts of its live generation or why there are none."""

    present: bool
    facts: Mapping[str, Any] | None
    fault: str | None


@dataclass(frozen=True)
class SeenShim:
    """Whether Orthanc's web server needs the shim (None: there is no telling), and whether what is there is right."""

    needed: bool | None
    right: bool
    reason: str | None


@dataclass(frozen=True)
class SeenAnswer:
    """What one probe saw, as C(tls_probe) returns it."""

    name: str
    url: str
    expected: str
    seen: str
    ok: bool
    status: int | None
    alert: str | None
    tls_version: str | None
    fingerprint_sha256: str | None
    error: str | None
    control: str | None = None
    json: Any = None


@dataclass(frozen=True)
class SeenAnswers:
    """What the probes saw, and by name why a probe could not be tried."""

    results: tuple[SeenAnswer, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SeenServerCertificate:
    """Whether the server certificate of another issuer would be installed anew, and facts of its certificates."""

    changed: bool
    certificates: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class NodeLook:
    """What one look at a node has shown; C(faults) says by section why it could not be seen, and is empty otherwise.

    A section with a fault is None, or empty where it lists what was asked for. A section that was not asked for is the
    same, without a fault.
    """

    host: str
    clock: Clock | None = None
    packages: Mapping[str, InstalledPackage] = field(default_factory=dict)
    orthanc_version: str | None = None
    capabilities: FileCapabilities | None = None
    units: Mapping[str, UnitState] = field(default_factory=dict)
    files: Mapping[str, ManagedFile] = field(default_factory=dict)
    made_by_hand: HandMade | None = None
    free_space: Mapping[str, FreeSpace] = field(default_factory=dict)
    ports: tuple[Holder, ...] = ()
    nginx: NginxSites | None = None
    civetweb: SeenShim | None = None
    identity: SeenIdentity | None = None
    enrolment: SeenEnrolment | None = None
    server_certificate: SeenServerCertificate | None = None
    services: Mapping[str, SeenService] = field(default_factory=dict)
    answers: SeenAnswers = field(default_factory=SeenAnswers)
    faults: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, host: str, answer: Mapping[str, Any], asked: Options) -> NodeLook:
        """Read what a host has answered to a look with the options C(asked); anything odd is an error that names it."""
        check_success(answer, f"{host}: cannot be looked at")
        faults = _section(host, "faults", answer)
        sections = {name: _section(host, name, answer) for name in _SECTIONS}
        _check_faults(host, sections, faults, asked)
        look = cls(host, faults=faults, **{name: seen for name, seen in sections.items() if seen is not None})
        for check in _CHECKS:
            check(look, asked)
        return look


_TYPES = types_of(NodeLook)
_SECTIONS = tuple(name for name in _TYPES if name not in ("host", "faults"))
_ASKED_BY = {
    "made_by_hand": "hand_made",
    "nginx": "nginx_site",
    "civetweb": "civetweb_shim",
    "enrolment": "enrolment",
    "server_certificate": "server_certificate",
}
"""The sections that are None unless an option asks for them."""
_OPTIONAL = ("orthanc_version", "capabilities")  # None where there is no such program


def _section(host: str, name: str, answer: Mapping[str, Any]) -> Any:
    found, where = answer.get(name), f"{host}: {name}"
    check_size(found, where)
    return read_as(_TYPES[name] if name == "faults" else _TYPES[name] | None, found, where)


def _check_faults(host: str, sections: Mapping[str, Any], faults: Mapping[str, str], asked: Options) -> None:
    """A section is there or has a fault, unless it was not asked for."""
    _expect(f"{host}: faults", faults, _SECTIONS)
    for name, section in sections.items():
        wanted = name not in _ASKED_BY or bool(asked.get(_ASKED_BY[name]))
        if section is None and wanted and name not in faults and name not in _OPTIONAL:
            odd(f"{host}: {name}", "nothing", "what was asked for, or why it cannot be seen")
        if section is not None and name in faults:
            odd(f"{host}: {name}", described(section), "nothing, as there is a fault")
        if section is not None and not wanted:
            odd(f"{host}: {name}", described(section), "nothing, as it was not asked for")


def _check_keys(look: NodeLook, asked: Options) -> None:
    _all_of(look, "packages", look.packages, asked.get("packages"))
    _all_of(look, "units", look.units, asked.get("units"))
    _all_of(look, "files", look.files, asked.get("files"))
    _all_of(look, "free_space", look.free_space, asked.get("folders"))
    _all_of(look, "services", look.services, [*_services(asked)])
    answered = [*(result.name for result in look.answers.results), *look.answers.faults]
    _all_of(look, "answers", answered, [probe["name"] for probe in asked.get("probes") or ()])


def _all_of(look: NodeLook, section: str, found: Collection[str], asked: Collection[str] | None) -> None:
    """Raise unless there is one answer to each question, and none that nobody asked."""
    where, wanted = f"{look.host}: {section}", dict.fromkeys(asked or ())
    _expect(where, found, wanted)
    if section not in look.faults and len(found) != len(wanted):
        odd(where, f"{len(found)} answers", f"one for each of {len(wanted)} that were asked for")


def _check_ports(look: NodeLook, asked: Options) -> None:
    ports = asked.get("ports") or ()
    _expect(f"{look.host}: ports", [holder.port for holder in look.ports], ports)
    others = look.nginx.other_listeners if look.nginx else ()
    _expect(f"{look.host}: nginx.other_listeners", [other.port for other in others], ports)


def _check_made_by_hand(look: NodeLook, _asked: Options) -> None:
    seen = look.made_by_hand
    for path in (*seen.changed, *seen.extra, *seen.binaries, *seen.in_vain) if seen else ():
        if not os.path.isabs(path) or path != os.path.normpath(path):
            odd(f"{look.host}: made_by_hand", described(path), "absolute paths of files")


def _check_records(look: NodeLook, asked: Options) -> None:
    for name, service in _services(asked).items() if look.services else ():
        where, seen = f"{look.host}: services['{name}']", look.services[name]
        if (seen.record is None) == (seen.fault is None):
            odd(where, "both a record and a fault, or neither", "one of them")
        differs = [one.path for one in seen.record.differs] if seen.record else []
        _expect(where, differs, [*(service.get("files") or ()), service["unit"]])


def _check_certificates(look: NodeLook, _asked: Options) -> None:
    """What is told of certificates stays as it came, as the gates take it of C(identity_info) as well."""
    if look.identity is not None and look.identity.facts is not None:
        read_as(IdentityFacts, look.identity.facts, f"{look.host}: identity.facts")
    for name, service in look.services.items():
        for facts in service.served or ():
            read_as(CertificateFacts, facts, f"{look.host}: services['{name}'].served")
    for facts in look.server_certificate.certificates if look.server_certificate else ():
        read_as(CertificateFacts, facts, f"{look.host}: server_certificate.certificates")


def _check_enrolment(look: NodeLook, _asked: Options) -> None:
    if look.enrolment is not None:
        check_enrolment(look.enrolment, f"{look.host}: enrolment")


_CHECKS: tuple[Callable[[NodeLook, Options], None], ...] = (
    _check_keys,
    _check_ports,
    _check_made_by_hand,
    _check_records,
    _check_certificates,
    _check_enrolment,
)


def _services(asked: Options) -> dict[str, Options]:
    return {service["name"]: service for service in asked.get("services") or ()}


def _expect(where: str, found: Collection[Any], asked: Collection[Any]) -> None:
    """Raise for what nobody asked about."""
    for key in found:
        if key not in asked:
            odd(where, described(key), "nothing that was not asked for")
