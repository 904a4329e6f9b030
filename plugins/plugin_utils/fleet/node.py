# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says about one host of the group, with the defaults resolved."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.location import DEFAULT_PATH
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.engines import Engine, engine_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.host_names import (
    fqdn_of,
    names_of_node,
    served_names,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.identity_references import IdentityReferences
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import (
    aet_of,
    choice_of,
    duration_of,
    grace_of,
    mapping_of,
    port_of,
    value_of,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.registry import Issuer, issuer_named

TLS_MODES = ("frontend", "builtin")
_CLIENT_AUTH = {"builtin": ("required", "none"), "frontend": ("required", "optional", "none")}
_CLIENT_AUTH_VARIABLE = {"builtin": "orthanc_client_auth", "frontend": "frontend_client_auth"}
_FILTERS = ("Authorization", "LuaScripts", "Python", "PythonScript")
"""Keys of orthanc_config with which something of the user's may refuse requests that Orthanc would answer."""

_HTTPS = 443
_LONGEST_START = 25  # minutes; every task on a node ends after 30, and it may have to go back
_PATH_PREFIX = re.compile(r"/([A-Za-z0-9._~-]+/)*")


@dataclass(frozen=True)
class Credentials:
    """A user whom an Orthanc has registered."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class ServerCertificate:
    """A server certificate of another issuer: a PEM file on the host, and the PEM texts by which it is trusted."""

    path: str
    ca_certificates: tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """What the inventory says about one host of the group."""

    host: str
    fqdn: str
    tls_mode: str
    client_auth: str
    issuer: Issuer
    http_port: int
    https_port: int
    path_prefix: str
    dicom_port: int
    dicom_aet: str
    names: tuple[str, ...]
    served_names: tuple[str, ...]
    identity_path: str
    peers: tuple[str, ...]
    users: Mapping[str, str] = field(repr=False)
    peer_user: str | None
    server_certificate: ServerCertificate | None
    engine: Engine
    start_timeout: int
    restart_grace: int
    filters_requests: bool
    references: IdentityReferences

    @property
    def url(self) -> str:
        """Where peers and browsers reach this node, with a trailing slash."""
        return self.url_at(self.fqdn)

    def url_at(self, name: str) -> str:
        """Where this node is reached under one of its names."""
        port = "" if self.https_port == _HTTPS else f":{self.https_port}"
        return f"https://{_url_host(name)}{port}{self.path_prefix}"

    @property
    def plain_url(self) -> str:
        """The same port and path without TLS, which must be refused."""
        return f"http://{_url_host(self.fqdn)}:{self.https_port}{self.path_prefix}"

    @property
    def local_url(self) -> str | None:
        """Where Orthanc answers nobody but the node itself, under the node's name; None where it answers others."""
        if self.tls_mode == "frontend":
            return f"http://{_url_host(self.fqdn)}:{self.http_port}/"
        return None if self.serves_remotely else self.url

    @property
    def ports(self) -> Mapping[str, int]:
        """The ports on which the node's programs listen, by the variable of each."""
        return {
            "orthanc_http_port": self.http_port,
            "orthanc_dicom_port": self.dicom_port,
            **({"frontend_https_port": self.https_port} if self.tls_mode == "frontend" else {}),
        }

    @property
    def client_auth_variable(self) -> str:
        """The variable that says what is demanded of this node's clients."""
        return _CLIENT_AUTH_VARIABLE[self.tls_mode]

    @property
    def asks_clients_itself(self) -> bool:
        """Whether Orthanc itself asks clients for certificates, and not a front-end or nobody."""
        return self.tls_mode == "builtin" and self.client_auth == "required"

    @property
    def serves_remotely(self) -> bool:
        """Whether anybody but the node itself may come in."""
        return self.client_auth != "none" or bool(self.users)

    @property
    def credentials(self) -> Credentials | None:
        """The registered user as whom the fleet's own requests come, if this Orthanc asks for one."""
        if not self.users:
            return None
        username = self.peer_user or min(self.users)
        return Credentials(username, self.users[username])


def issuer_of(host: str, variables: Mapping[str, Any]) -> Issuer:
    """Return who issues the certificate of a host with these variables."""
    return issuer_named(value_of(variables, "orthanc_issuer"), f"{host}: orthanc_issuer")


def resolved(host: str, variables: Mapping[str, Any], peers: tuple[str, ...]) -> Node:
    """Resolve one host, whose peers are known by name; a value that cannot be used is an error."""
    fqdn = fqdn_of(host, variables)
    users = _registered_users(host, mapping_of(host, variables, "orthanc_config"))
    mode = choice_of(host, variables, "orthanc_tls_mode", TLS_MODES)
    http_port = port_of(host, variables, "orthanc_http_port")
    node = Node(
        host=host,
        fqdn=fqdn,
        tls_mode=mode,
        client_auth=choice_of(host, variables, _CLIENT_AUTH_VARIABLE[mode], _CLIENT_AUTH[mode]),
        issuer=issuer_of(host, variables),
        http_port=http_port,
        https_port=http_port if mode == "builtin" else port_of(host, variables, "frontend_https_port"),
        path_prefix="/" if mode == "builtin" else _path_prefix(host, variables),
        dicom_port=port_of(host, variables, "orthanc_dicom_port"),
        dicom_aet=aet_of(host, variables, "orthanc_dicom_aet"),
        names=names_of_node(host, fqdn, variables, mode),
        served_names=tuple(served_names(host, variables, mode)),
        identity_path=_identity_path(host, variables),
        peers=peers,
        users=users,
        peer_user=_peer_user(host, variables, users),
        server_certificate=_server_certificate(host, variables, mode),
        engine=engine_of(host, variables),
        start_timeout=duration_of(host, variables, "orthanc_start_timeout", _LONGEST_START),
        restart_grace=grace_of(host, variables, "orthanc_restart_grace", "orthanc_start_timeout"),
        references=IdentityReferences.of(value_of(variables, "orthanc_config"), _identity_path(host, variables)),
        filters_requests=any(value_of(variables, "orthanc_config").get(key) for key in _FILTERS),
    )
    _refuse_shared_ports(node)
    return node


def _refuse_shared_ports(node: Node) -> None:
    seen: dict[int, str] = {}
    for variable, port in node.ports.items():
        if port in seen:
            raise OrthancTlsError(
                f"{node.host}: {seen[port]} and {variable} are both {port}, and only one program can listen there; set "
                "one of them to another port."
            )
        seen[port] = variable


def _path_prefix(host: str, variables: Mapping[str, Any]) -> str:
    prefix = str(value_of(variables, "frontend_path_prefix"))
    if not _PATH_PREFIX.fullmatch(prefix):
        raise OrthancTlsError(
            f"{host}: frontend_path_prefix is '{prefix}'; it must be '/' or a path such as '/orthanc/', of letters, "
            "digits, '.', '_', '~' and '-', that begins and ends with a slash."
        )
    return prefix


def _identity_path(host: str, variables: Mapping[str, Any]) -> str:
    """Services are compared with the files that they have loaded by name, so that one folder has one name."""
    path = str(value_of(variables, "identity_path"))
    if not os.path.isabs(path) or path != os.path.normpath(path) or path == "/":
        raise OrthancTlsError(
            f"{host}: identity_path is '{path}'; it must be an absolute path without a trailing slash, such as "
            f"'{DEFAULT_PATH}'."
        )
    return path


def _peer_user(host: str, variables: Mapping[str, Any], users: Mapping[str, str]) -> str | None:
    name = variables.get("orthanc_peer_user")
    if name is None or str(name) in users:
        return None if name is None else str(name)
    raise OrthancTlsError(
        f"{host}: orthanc_peer_user is '{name}', who is not in orthanc_config.RegisteredUsers "
        f"({', '.join(sorted(users)) or 'which is empty'}); register the user, or name another."
    )


def _server_certificate(host: str, variables: Mapping[str, Any], mode: str) -> ServerCertificate | None:
    value, where = value_of(variables, "orthanc_server_certificate"), f"{host}: orthanc_server_certificate"
    if not value:
        return None
    if not isinstance(value, Mapping) or value.keys() != {"path", "ca_certificates"}:
        raise OrthancTlsError(f"{where} must be a dictionary with the keys 'path' and 'ca_certificates'.")
    if not str(value["path"]).startswith("/"):
        raise OrthancTlsError(f"{where}.path is '{value['path']}'; it must be an absolute path on the host.")
    trust = value["ca_certificates"]
    texts = [trust] if isinstance(trust, str) else trust
    if not isinstance(texts, Sequence) or not texts or not all("BEGIN CERTIFICATE" in str(text) for text in texts):
        raise OrthancTlsError(
            f"{where}.ca_certificates must be PEM text of at least one certificate, or a list of such texts; for a "
            "file on the control node write a lookup of it."
        )
    if mode != "builtin":
        raise OrthancTlsError(
            f"{where} is for orthanc_tls_mode: builtin, and this host's is '{mode}'. Set that, or leave it out, so "
            "that the fleet's own issuer gives the certificate."
        )
    return ServerCertificate(str(value["path"]), tuple(map(str, texts)))


def _registered_users(host: str, config: Mapping[str, Any]) -> dict[str, str]:
    users = config.get("RegisteredUsers", {})
    if not isinstance(users, Mapping):
        raise OrthancTlsError(
            f"{host}: orthanc_config.RegisteredUsers must be a dictionary of user names and passwords, "
            f"and is a {type(users).__name__}."
        )
    odd = [str(name) for name, its in users.items() if its is None or isinstance(its, (bool, Mapping, list, tuple))]
    if odd:
        raise OrthancTlsError(
            f"{host}: the password of '{odd[0]}' in orthanc_config.RegisteredUsers must be text, in quotes if "
            "YAML would take it for something else."
        )
    return {str(name): str(password) for name, password in users.items()}


def _url_host(fqdn: str) -> str:
    return f"[{fqdn}]" if ":" in fqdn else fqdn
