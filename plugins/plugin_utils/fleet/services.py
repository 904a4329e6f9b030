# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of a node that load its identity or its configuration, and how each does: one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.log import explain
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.loading import RELOADED, RESTARTED
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.expectations import (
    Probe,
    front_probe,
    health_probe,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node


@dataclass(frozen=True)
class Service:
    """A program of a node.

    C(name) is what tasks call it, C(title) what people do. C(how) is how it loads what is on disk. C(record) is the
    folder with what it was last seen healthy with, which are all C(files) that it reads when it loads. C(probes) are
    what must be answered then. Files and probes depend on the link to the live generation.

    C(certificate) is what it serves, where that is not the identity's. C(start_timeout) and C(grace) are in
    seconds. C(ports) are those with clients, C(jobs) is where it lists its jobs. C(test),
    C(withdrawn), C(without) and C(log) are those of C(Loading), on the node; C(explain) says what the end of the log
    means.
    """

    name: str
    title: str
    unit: str
    how: str
    record: str
    has_identity: bool
    files: Callable[[str], list[str]]
    probes: Callable[[str], list[Probe]]
    port: int
    certificate: str | None = None
    start_timeout: int = 30
    grace: int = 0
    ports: tuple[int, ...] = ()
    jobs: str | None = None
    test: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    log: str | None = None
    explain: Callable[[str], str] | None = None

    @property
    def reads_identity(self) -> bool:
        """Whether it has to load again when the live generation changes."""
        return "identity" in self.files("identity")


def _orthanc(node: Node) -> Service:
    speaks_tls = node.tls_mode == "builtin"
    dicom_certificate = None if speaks_tls else node.references.dicom_certificate
    settings = [location.SETTINGS, location.OPENSSL, location.DROP_IN, location.SERVER_CERTIFICATE]
    return Service(
        name="orthanc",
        title="Orthanc",
        unit=location.UNIT,
        how=RESTARTED,
        record=location.RECORD,
        has_identity=speaks_tls or dicom_certificate is not None,
        # What Orthanc reads at its start only. Behind a front-end a new certificate is none of it, but where the user's
        # own settings name the identity.
        files=lambda identity: (
            settings
            + ([identity] if speaks_tls or node.references.any else [])
            + ([*location.SHIM_LIBRARIES] if speaks_tls else [])
        ),
        probes=lambda identity: [health_probe(node, identity)],
        port=node.dicom_port if dicom_certificate else node.http_port,
        certificate=location.SERVER_CERTIFICATE if node.server_certificate else dicom_certificate,
        start_timeout=node.start_timeout,
        grace=node.restart_grace,
        ports=(node.http_port, node.dicom_port),
        jobs="jobs?expand",
        log=location.LOG,
        explain=explain,
    )


def _frontend(node: Node) -> Service:
    engine = node.engine
    return Service(
        name="frontend",
        title=engine.name,
        unit=engine.unit,
        how=RELOADED,
        record="/etc/orthanc/last-healthy-frontend",
        has_identity=node.tls_mode == "frontend",
        files=lambda identity: [identity, engine.site],
        probes=lambda identity: [front_probe(node, identity)],
        port=node.https_port,
        test=engine.test,
        withdrawn=(engine.site,),
        without=engine.reload_running,
    )


SERVICES: list[Callable[[Node], Service]] = [_orthanc, _frontend]
"""All that a node may have."""


def service_of(node: Node, name: str) -> Service:
    """Return a service by its name, whether the node has it at present or not."""
    found = {service.name: service for service in (row(node) for row in SERVICES)}
    if name not in found:
        raise OrthancTlsError(f"{node.host}: there is no service '{name}'; expected one of: {', '.join(found)}.")
    return found[name]


def services_of(node: Node) -> list[Service]:
    """Return the services that load the node's identity, and must load it again when it changes."""
    return [service for service in (row(node) for row in SERVICES) if service.has_identity]


def readers_of(node: Node) -> list[Service]:
    """Return the services that must load again when the live generation changes, whether they serve it or not."""
    serving = [service.name for service in services_of(node)]
    rows = [row(node) for row in SERVICES]
    return [one for one in rows if one.name in serving or (one.unit == location.UNIT and one.reads_identity)]


def look_options(node: Node) -> dict[str, Any]:
    """Return what C(identity_info) is asked about a node: what it holds, and what each service has loaded of that."""
    return {
        "path": node.identity_path,
        "services": [
            {
                "service": service.unit,
                "record": service.record,
                "certificate": service.certificate,
                "port": service.port,
                "server_name": node.fqdn,
            }
            for service in services_of(node)
        ],
    }


def load_options(node: Node, service: Service, identity: str) -> dict[str, Any]:
    """Return what C(service_load) is told of a service; C(identity) is the folder of the node's identity."""
    current = f"{identity}/current"
    return {
        "unit": service.unit,
        "how": service.how,
        "record": service.record,
        "files": service.files(current),
        "test": [*service.test],
        "probes": service.probes(current),
        "certificate": service.certificate or f"{current}/server.pem",
        "identity": identity,
        "start_timeout": service.start_timeout,
        "grace": service.grace,
        "ports": [*service.ports],
        "jobs": service.jobs,
        "log": service.log,
        "reason": f"{service.title} did not come back healthy with another certificate",
        "withdrawn": [*service.withdrawn],
        "without": [*service.without],
    }
