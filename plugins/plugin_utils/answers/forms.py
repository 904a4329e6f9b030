# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each module answers, by type. A field without a default is there whenever the module has succeeded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.identity import (
    CertificateFacts,
    GenerationFacts,
    HoldFacts,
    IdentityFacts,
    PendingFacts,
)


@dataclass(frozen=True)
class EnrolmentAnswer:
    """What C(certificate) answers beside its result: to be signed, to be refused, or to be made known."""

    csr: str | None = None
    staged: str | None = None
    reason: str | None = None
    foreign_issuer: str | None = None
    known_by: tuple[str, ...] | None = None


@dataclass(frozen=True)
class CertificateAnswer:
    """Of C(certificate)."""

    renewed: bool | None = None
    reason: str | None = None
    path: str | None = None
    generation: str | None = None
    held: HoldFacts | None = None
    pending: PendingFacts | None = None
    not_after: str | None = None
    fingerprint_sha256: str | None = None
    waiting_sha256: str | None = None
    trust_sha256: str | None = None
    enrolment: EnrolmentAnswer | None = None


@dataclass(frozen=True)
class GenerationAnswer:
    """Of C(certificate_generation)."""

    identity: IdentityFacts
    path: str | None = None
    held: HoldFacts | None = None


@dataclass(frozen=True)
class KeyFacts:
    """The public side of a private key."""

    encrypted: bool
    key_type: str | None = None
    public_key_sha256: str | None = None


@dataclass(frozen=True)
class HandshakeFacts:
    """How a handshake with a port went."""

    version: str | None = None
    whole_chain: bool | None = None
    handshake_error: str | None = None


@dataclass(frozen=True)
class CertificateInfoAnswer:
    """Of C(certificate_info): of a folder, of a PEM, or of a port."""

    certificates: tuple[CertificateFacts, ...]
    private_key: KeyFacts | None = None
    client_trust: tuple[CertificateFacts, ...] | None = None
    server_trust: tuple[CertificateFacts, ...] | None = None
    held: HoldFacts | None = None
    generation: GenerationFacts | None = None
    tls: HandshakeFacts | None = None


@dataclass(frozen=True)
class ServiceFacts:
    """What one service has loaded."""

    service: str
    served: tuple[CertificateFacts, ...] | None = None
    not_loaded: str | None = None


@dataclass(frozen=True)
class IdentityInfoAnswer:
    """Of C(identity_info)."""

    present: bool
    identity: IdentityFacts | None
    fault: str | None
    services: tuple[ServiceFacts, ...]
    served: tuple[CertificateFacts, ...] | None
    not_loaded: str | None


@dataclass(frozen=True)
class TrustAnswer:
    """Of C(identity_trust)."""

    path: str | None = None
    generation: str | None = None
    trust_sha256: str | None = None


@dataclass(frozen=True)
class DifferingFile:
    """A file or unit that is not as recorded."""

    path: str
    why: str


@dataclass(frozen=True)
class ServiceAnswer:
    """Of C(service_load); the last ones are those of a service that is not healthy."""

    due: bool | None = None
    differs: tuple[DifferingFile, ...] = ()
    cut: int | None = None
    restored: bool | None = None
    held: bool | None = None
    back: str | None = None
    back_failure: str | None = None
    log: str | None = None


@dataclass(frozen=True)
class ShimAnswer:
    """Of C(civetweb_shim)."""

    needed: bool | None = None
    active: bool | None = None
    reason: str | None = None
    path: str | None = None
    library: str | None = None
    orthanc_version: str | None = None


@dataclass(frozen=True)
class FilesAnswer:
    """Of C(node_files) and C(metrics_timer)."""

    files: tuple[str, ...] = ()
    before: Mapping[str, str | None] | None = None


@dataclass(frozen=True)
class ListenerAnswer:
    """Where another site of nginx listens."""

    address: str
    port: int
    file: str
    server_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class HolderAnswer:
    """A program that listens on a port."""

    port: int
    program: str | None = None
    process: int | None = None


@dataclass(frozen=True)
class NginxAnswer:
    """Of C(nginx_info)."""

    installed: bool
    version: str | None = None
    openssl_version: str | None = None
    ipv6: bool | None = None
    processors: int | None = None
    other_listeners: tuple[ListenerAnswer, ...] = ()
    port_holders: tuple[HolderAnswer, ...] = ()


@dataclass(frozen=True)
class NothingMore:
    """Of C(schedule_check), and of Ansible's C(apt) and C(file), which succeed or say why not."""


@dataclass(frozen=True)
class CommandAnswer:
    """Of Ansible's C(command)."""

    stderr: str | None = None


@dataclass(frozen=True)
class SiteAnswer:
    """Of C(nginx_site)."""

    path: str | None = None


@dataclass(frozen=True)
class BundleAnswer:
    """Of C(pem_bundle)."""

    path: str | None = None
    purpose: str | None = None
    certificates: tuple[CertificateFacts, ...] = ()


@dataclass(frozen=True)
class ConfigurationAnswer:
    """Of C(orthanc_configuration_info); settings and all that belongs to them are read where they are adopted."""

    configuration: str
    files: tuple[str, ...]
    unit_files: tuple[str, ...]
    settings: Any
    secrets: Any
    pem_files: Any
    unread: Any = None
    request_filters: Any = None
    user: Any = None
    groups: Any = None
    nginx_servers: Any = None
    nginx_fault: Any = None


@dataclass(frozen=True)
class ProbedAnswer:
    """What one probe of C(tls_probe) has seen."""

    name: str
    url: str
    expected: str
    seen: str
    ok: bool
    status: int | None = None
    alert: str | None = None
    tls_version: str | None = None
    fingerprint_sha256: str | None = None
    error: str | None = None
    control: str | None = None
    json: Any = None


@dataclass(frozen=True)
class ProbesAnswer:
    """Of C(tls_probe), also where something is not as expected."""

    results: tuple[ProbedAnswer, ...] = ()
    table: str | None = None
