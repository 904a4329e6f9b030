# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration that was made by hand as the collection's variables for a host, and what becomes of the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.keys import KEY_TYPES, PLUGIN_KEYS
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption import notices
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.access import (
    ClientAuth,
    client_auth,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.certificate import adopted_certificate
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.notices import DICOM_WEB_ROOT
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.peers import AdoptedPeers, adopted_peers
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.secrets import with_references
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.sites import replaced_sites
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import DEFAULTS
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.orthanc.defaults import (
    DICOM_WEB_DEFAULTS,
    ORTHANC_DEFAULTS,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.orthanc.settings import PLUGINS

_PORTS_AND_NAME = {
    "HttpPort": "orthanc_http_port",
    "DicomPort": "orthanc_dicom_port",
    "DicomAet": "orthanc_dicom_aet",
}
_FRONTEND_HTTP_PORT = 80
"""The default of frontend_http_port, which concerns no other host and so is not in the view of the fleet."""

_TRUST = {
    "SslTrustedClientCertificates": "identity_client_ca_certificates",
    "HttpsCACertificates": "identity_server_ca_certificates",
}
_DERIVED = {
    *_PORTS_AND_NAME,
    *_TRUST,
    "AuthenticationEnabled",
    "DicomWeb",
    "HttpBindAddresses",
    "HttpsVerifyPeers",
    "OrthancPeers",
    "RemoteAccessAllowed",
    "SslCertificate",
    "SslCiphersAccepted",
    "SslEnabled",
    "SslMinimumProtocolVersion",
    "SslVerifyPeers",
}
"""Keys that do not go to orthanc_config: variables, trust and peers say the same, or the collection decides."""

_DICOM_WEB_DERIVED = {"Enable", "Host", "Ssl", "Servers"}


@dataclass
class Adoption:
    """What a host's variables become. C(secrets) names for each vault variable where its value stands.

    C(notices) says in plain words what changes for people and what is not taken over; C(replaces_certificate) whether
    somebody may trust the present server certificate alone.
    """

    variables: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, Sequence[str | int]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    replaces_certificate: bool = False


def adopt(found: Mapping[str, Any], host: str, fleet: Fleet, *, new_certificate: bool = False) -> Adoption:
    """Turn what C(orthanc_configuration_info) found on a host into the collection's variables.

    C(new_certificate) says that clients are ready for a server certificate of the fleet's own issuer.
    """
    try:
        return _adopted(found, host, fleet, new_certificate=new_certificate)
    except OrthancTlsError as error:
        raise error if str(error).startswith(f"{host}:") else OrthancTlsError(f"{host}: {error}") from error


def _adopted(found: Mapping[str, Any], host: str, fleet: Fleet, *, new_certificate: bool) -> Adoption:
    node, adoption = fleet.node(host), Adoption(variables={"orthanc_replace_configuration": True})
    settings, adoption.secrets = with_references(found["settings"], [entry["path"] for entry in found["secrets"]])
    if settings.get("SslEnabled"):
        adoption.variables["orthanc_tls_mode"] = "builtin"
    mode = adoption.variables.get("orthanc_tls_mode", node.tls_mode)
    _add_ports_and_name(adoption, settings, node)
    if mode == "frontend":
        _leave_ports_to_frontend(adoption, settings, node, fleet.variables(host))
    auth = client_auth(settings, mode)
    _add_access(adoption, settings, auth)
    _add_trust(adoption, settings, found["pem_files"])
    peers = adopted_peers(
        host, fleet, settings.get("OrthancPeers", {}), settings.get("DicomWeb", {}).get("Servers", {})
    )
    _add_peers(adoption, peers, node)
    _add_settings(adoption, settings, peers, keep_authentication_off=auth.authentication_off)
    if settings.get("SslEnabled"):
        _add_server_certificate(adoption, found["pem_files"], node.fqdn, new_certificate=new_certificate)
    _add_sites(adoption, found, node, mode)
    # Where Orthanc asks clients for certificates itself, the system's CAs would be trusted for these as well.
    if notices.callers_of_openssl(settings) and (mode != "builtin" or auth.value == "none"):
        adoption.variables["orthanc_trust_system_cas"] = True
    adoption.notices += [
        *notices.other_user(found["user"], found["groups"]),
        *notices.not_taken_over(settings),
        *notices.unread(found["unread"]),
        *notices.request_filters(settings, found["request_filters"], mode),
        *notices.outgoing_trust(
            settings, found["pem_files"], keeps_system_cas="orthanc_trust_system_cas" in adoption.variables
        ),
    ]
    return adoption


def _add_ports_and_name(adoption: Adoption, settings: Mapping[str, Any], node: Node) -> None:
    present = {"HttpPort": node.http_port, "DicomPort": node.dicom_port, "DicomAet": node.dicom_aet}
    for key, variable in _PORTS_AND_NAME.items():
        value = settings.get(key, DEFAULTS[variable])
        # What the inventory says of a whole group must not win over what the node really has.
        if value != DEFAULTS[variable] or value != present[key]:
            adoption.variables[variable] = value


def _leave_ports_to_frontend(
    adoption: Adoption, settings: Mapping[str, Any], node: Node, variables: Mapping[str, Any]
) -> None:
    """Move an Orthanc off the front-end's port; from now on nobody but the front-end reaches it."""
    ours, default = DEFAULTS["orthanc_http_port"], _FRONTEND_HTTP_PORT
    taken = {str(node.https_port), str(variables.get("frontend_http_port", default))}
    today = settings.get("HttpPort", ours)
    if str(today) not in taken:
        return
    moved = ours if str(node.http_port) in taken else node.http_port
    adoption.variables["orthanc_http_port"] = moved
    adoption.notices.append(
        f"Port {today}, on which Orthanc answers today, becomes the front-end's. Orthanc itself moves to port {moved} "
        "(orthanc_http_port), where only this machine reaches it."
    )


def _add_sites(adoption: Adoption, found: Mapping[str, Any], node: Node, mode: str) -> None:
    """Take over what an nginx that was set up by hand says of Orthanc, under the port that Orthanc has today."""
    sites = replaced_sites(found, found["settings"].get("HttpPort", DEFAULTS["orthanc_http_port"]), node, mode)
    if sites.path_prefix is not None:
        adoption.variables["frontend_path_prefix"] = sites.path_prefix
    adoption.notices += sites.notices


def _add_access(adoption: Adoption, settings: Mapping[str, Any], auth: ClientAuth) -> None:
    if auth.value is not None:
        adoption.variables[auth.variable] = auth.value
    if not settings.get("SslEnabled"):
        adoption.notices.append(
            "It speaks plain HTTP today. From now on it answers HTTPS only, so clients need the new URL and the CA's "
            "certificate."
        )
    adoption.notices += auth.notices


def _add_trust(adoption: Adoption, settings: Mapping[str, Any], pem_files: Sequence[Mapping[str, Any]]) -> None:
    for file in pem_files:
        setting = file["setting"]
        if setting not in _TRUST or notices.is_system_store(file):
            continue
        ignored = notices.why_ignored(setting, settings)
        if ignored:
            adoption.notices.append(
                f"{setting} names {file['path']}, which Orthanc does not read today, as {ignored}. It is not taken "
                f"over; those that it should trust go to {_TRUST[setting]}."
            )
        elif file["certificates"]:
            adoption.variables[_TRUST[setting]] = [f"{text.strip()}\n" for text in file["certificates"]]
        else:
            adoption.notices.append(f"{setting} names {file['path']}, which holds no certificate or is not there.")


def _add_peers(adoption: Adoption, peers: AdoptedPeers, node: Node) -> None:
    if peers.hosts:
        adoption.variables["orthanc_peers"] = [*node.peers, *(host for host in peers.hosts if host not in node.peers)]
    if peers.external:
        adoption.variables["orthanc_external_peers"] = peers.external
    adoption.notices += peers.notices


def _add_settings(
    adoption: Adoption, settings: Mapping[str, Any], peers: AdoptedPeers, *, keep_authentication_off: bool
) -> None:
    ours = {**ORTHANC_DEFAULTS, "Plugins": [PLUGINS]}
    config = {key: settings[key] for key in ("StorageDirectory", "IndexDirectory")}
    config |= {
        key: value
        for key, value in settings.items()
        if key not in _DERIVED and (key in config or key not in ours or ours[key] != value)
    }
    if keep_authentication_off:
        config["AuthenticationEnabled"] = False
    if peers.kept:
        config["OrthancPeers"] = peers.kept
    dicom_web = _dicom_web(settings.get("DicomWeb", {}), peers)
    if dicom_web:
        config["DicomWeb"] = dicom_web
    adoption.variables["orthanc_config"] = config
    unchecked = sorted(config.keys() - KEY_TYPES.keys() - PLUGIN_KEYS)
    if unchecked:
        adoption.variables["orthanc_unchecked_keys"] = unchecked
        adoption.notices.append(
            f"Kept as they are, as the collection does not know them: {', '.join(unchecked)}. A plugin may; "
            "a misspelt key does nothing."
        )


def _dicom_web(section: Mapping[str, Any], peers: AdoptedPeers) -> dict[str, Any]:
    ours = {**DICOM_WEB_DEFAULTS, "Root": DICOM_WEB_ROOT}
    kept = {
        key: value
        for key, value in section.items()
        if key not in _DICOM_WEB_DERIVED and (key not in ours or ours[key] != value)
    }
    return {**kept, "Servers": peers.kept_servers} if peers.kept_servers else kept


def _add_server_certificate(
    adoption: Adoption, pem_files: Sequence[Mapping[str, Any]], fqdn: str, *, new_certificate: bool
) -> None:
    certificate = adopted_certificate(pem_files, fqdn, datetime.now(UTC), replace=new_certificate)
    if certificate is None:
        return
    adoption.notices.append(certificate.notice)
    if certificate.variable is None:
        adoption.replaces_certificate = True
    else:
        adoption.variables["orthanc_server_certificate"] = certificate.variable
