# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one view of the fleet: what the inventory says about any host, with the defaults resolved.

Another host's variables carry no role defaults, and its facts are missing outside ``--limit``. Whatever one node
must know of another (URL, names, credentials) therefore comes from here, and from inventory variables alone.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.location import DEFAULT_PATH

GROUP = "orthanc"
TLS_MODES = ("frontend", "builtin")
ISSUERS = ("local", "selfsigned")
_CLIENT_AUTH = {"builtin": ("required", "none"), "frontend": ("required", "optional", "none")}
_TLS_SERVICES = {
    "builtin": ("orthanc.service", "/etc/orthanc/last-healthy"),
    "frontend": ("nginx.service", "/etc/orthanc/last-healthy-frontend"),
}
_CLIENT_AUTH_VARIABLE = {"builtin": "orthanc_client_auth", "frontend": "frontend_client_auth"}

DEFAULTS: dict[str, Any] = {
    "orthanc_tls_mode": "frontend",
    "orthanc_client_auth": "required",
    "orthanc_issuer": "local",
    "orthanc_http_port": 8042,
    "orthanc_dicom_port": 4242,
    "orthanc_dicom_aet": "ORTHANC",
    "orthanc_peers": [],
    "orthanc_external_peers": {},
    "orthanc_subject_alt_names": [],
    "orthanc_config": {},
    "orthanc_server_certificate": {},
    "frontend_client_auth": "required",
    "frontend_server_names": [],
    "frontend_https_port": 443,
    "frontend_path_prefix": "/",
    "identity_path": DEFAULT_PATH,
}
"""Fleet-wide variables and their defaults; the roles' argument specs say the same (a unit test compares them)."""

_HTTPS = 443
_PATH_PREFIX = re.compile(r"/([A-Za-z0-9._~-]+/)*")
_PEER_NAME = re.compile(r"[A-Za-z0-9_-]+")
EXTERNAL_PEER_KEYS = {
    "url": "Url",
    "username": "Username",
    "password": "Password",
    "certificate_file": "CertificateFile",
    "certificate_key_file": "CertificateKeyFile",
    "certificate_key_password": "CertificateKeyPassword",
    "http_headers": "HttpHeaders",
    "timeout": "Timeout",
}
"""Keys of a peer in orthanc_external_peers, and what Orthanc calls them."""


@dataclass(frozen=True)
class Credentials:
    """A user whom an Orthanc has registered."""

    username: str
    password: str = field(repr=False)


SERVER_CERTIFICATE = "/etc/orthanc/managed/server.pem"
"""Where a host serves its C(orthanc_server_certificate) from."""


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
    issuer: str
    http_port: int
    https_port: int
    path_prefix: str
    dicom_port: int
    dicom_aet: str
    names: tuple[str, ...]
    identity_path: str
    peers: tuple[str, ...]
    users: Mapping[str, str] = field(repr=False)
    peer_user: str | None
    server_certificate: ServerCertificate | None

    @property
    def url(self) -> str:
        """Where peers and browsers reach this node, with a trailing slash."""
        port = "" if self.https_port == _HTTPS else f":{self.https_port}"
        return f"https://{_url_host(self.fqdn)}{port}{self.path_prefix}"

    @property
    def plain_url(self) -> str:
        """The same port and path without TLS, which must be refused."""
        return f"http://{_url_host(self.fqdn)}:{self.https_port}{self.path_prefix}"

    @property
    def tls_service(self) -> str:
        """The systemd unit that speaks TLS on this node."""
        return _TLS_SERVICES[self.tls_mode][0]

    @property
    def tls_record(self) -> str:
        """Where the node keeps what that unit was last seen healthy with."""
        return _TLS_SERVICES[self.tls_mode][1]

    @property
    def client_auth_variable(self) -> str:
        """The variable that says what is demanded of this node's clients."""
        return _CLIENT_AUTH_VARIABLE[self.tls_mode]

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


@dataclass(frozen=True)
class Peer:
    """One entry of ``OrthancPeers`` and of ``DicomWeb.Servers``, of the fleet or from outside it."""

    name: str
    host: str | None
    settings: Mapping[str, Any] = field(repr=False)
    dicom_web_url: str | None
    ca_certificates: tuple[str, ...] = ()


class Fleet:
    """The hosts of the group ``orthanc``, resolved one at a time as they are asked for."""

    def __init__(self, hostvars: Mapping[str, Mapping[str, Any]], groups: Mapping[str, Sequence[str]]) -> None:
        self._hostvars = hostvars
        self._groups = groups
        self._members = frozenset(groups.get(GROUP, ()))

    @property
    def hosts(self) -> Sequence[str]:
        """Every host of the group, in the inventory's order."""
        return self._groups.get(GROUP, ())

    def variables(self, host: str) -> Mapping[str, Any]:
        """Return a host's variables as they are, without any default."""
        return self._hostvars[host]

    def node(self, host: str) -> Node:
        """Resolve one host; a value that cannot be used is an error that names host and variable."""
        if host not in self._members:
            raise OrthancTlsError(f"{host}: is not in the inventory group '{GROUP}'; add it there.")
        return _node(host, self._hostvars[host], tuple(self._peer_hosts(host)))

    def peers(self, host: str, certificate_file: str) -> list[Peer]:
        """Every peer of a host: those of the fleet first, then those outside it.

        ``certificate_file`` is the PEM with key, leaf and intermediates that this host presents.
        """
        peers = [self._fleet_peer(host, other, certificate_file) for other in self.node(host).peers]
        external = _value(self._hostvars[host], "orthanc_external_peers")
        peers += [_external_peer(host, str(name), entry, certificate_file) for name, entry in external.items()]
        _refuse_clashes(host, peers)
        return peers

    def _peer_hosts(self, host: str) -> Iterator[str]:
        seen = {host}
        for entry in _value(self._hostvars[host], "orthanc_peers"):
            for other in self._expand(host, entry):
                if other not in seen:
                    seen.add(other)
                    yield other

    def _expand(self, host: str, entry: str) -> Sequence[str]:
        if entry == host:
            raise OrthancTlsError(f"{host}: orthanc_peers lists the host itself; take '{entry}' out.")
        if entry in self._members:
            return [entry]
        if entry not in self._groups:
            raise OrthancTlsError(
                f"{host}: orthanc_peers lists '{entry}', which is neither a host of the group '{GROUP}' nor a group; "
                "correct the name, or list a server outside the inventory in orthanc_external_peers."
            )
        strangers = sorted(set(self._groups[entry]) - self._members)
        if strangers:
            raise OrthancTlsError(
                f"{host}: orthanc_peers lists the group '{entry}', whose host '{strangers[0]}' is not in the group "
                f"'{GROUP}'; add it there, or list the hosts one by one."
            )
        return self._groups[entry]

    def _fleet_peer(self, host: str, other: str, certificate_file: str) -> Peer:
        node = self.node(other)
        if not node.serves_remotely:
            raise OrthancTlsError(
                f"{host}: orthanc_peers lists '{other}', which answers only itself ({node.client_auth_variable}: none "
                f"without registered users); on '{other}' set {node.client_auth_variable}: required, or "
                "orthanc_config.RegisteredUsers."
            )
        if len(node.users) > 1 and node.peer_user is None:
            raise OrthancTlsError(
                f"{other}: orthanc_config.RegisteredUsers has {len(node.users)} users, and '{host}' lists this host as "
                "a peer; say in orthanc_peer_user as which of them peers come."
            )
        settings: dict[str, Any] = {"Url": node.url, "CertificateFile": certificate_file}
        if node.credentials:
            settings |= {"Username": node.credentials.username, "Password": node.credentials.password}
        trust = node.server_certificate.ca_certificates if node.server_certificate else ()
        return Peer(peer_name(other), other, settings, f"{node.url}dicom-web/", trust)


def peer_name(host: str) -> str:
    """The name under which Orthanc knows a host: Orthanc takes ``[A-Za-z0-9_-]`` only, so dots become ``_``."""
    name = host.replace(".", "_").replace(":", "_")
    if not _PEER_NAME.fullmatch(name):
        raise OrthancTlsError(
            f"{host}: cannot be the name of an Orthanc peer; Orthanc takes letters, digits, '_' and '-' "
            "(dots and colons become '_'); rename the host in the inventory."
        )
    return name


def general_name(name: str) -> str:
    """A host name or address as a subject alternative name."""
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"


def _node(host: str, variables: Mapping[str, Any], peers: tuple[str, ...]) -> Node:
    fqdn = str(variables.get("orthanc_fqdn") or host)
    users = _registered_users(host, _value(variables, "orthanc_config"))
    mode = _choice(host, variables, "orthanc_tls_mode", TLS_MODES)
    http_port = _port(host, variables, "orthanc_http_port")
    return Node(
        host=host,
        fqdn=fqdn,
        tls_mode=mode,
        client_auth=_choice(host, variables, _CLIENT_AUTH_VARIABLE[mode], _CLIENT_AUTH[mode]),
        issuer=_choice(host, variables, "orthanc_issuer", ISSUERS),
        http_port=http_port,
        https_port=http_port if mode == "builtin" else _port(host, variables, "frontend_https_port"),
        path_prefix="/" if mode == "builtin" else _path_prefix(host, variables),
        dicom_port=_port(host, variables, "orthanc_dicom_port"),
        dicom_aet=str(_value(variables, "orthanc_dicom_aet")),
        names=_names(fqdn, variables, mode),
        identity_path=_identity_path(host, variables),
        peers=peers,
        users=users,
        peer_user=_peer_user(host, variables, users),
        server_certificate=_server_certificate(host, variables, mode),
    )


def _names(fqdn: str, variables: Mapping[str, Any], mode: str) -> tuple[str, ...]:
    served = [fqdn] if mode == "builtin" else [fqdn, *map(str, _value(variables, "frontend_server_names"))]
    others = map(str, _value(variables, "orthanc_subject_alt_names"))
    return tuple(dict.fromkeys([*map(general_name, served), *others]))


def _path_prefix(host: str, variables: Mapping[str, Any]) -> str:
    prefix = str(_value(variables, "frontend_path_prefix"))
    if not _PATH_PREFIX.fullmatch(prefix):
        raise OrthancTlsError(
            f"{host}: frontend_path_prefix is '{prefix}'; it must be '/' or a path such as '/orthanc/', of letters, "
            "digits, '.', '_', '~' and '-', that begins and ends with a slash."
        )
    return prefix


def _identity_path(host: str, variables: Mapping[str, Any]) -> str:
    """Services are compared with the files that they have loaded by name, so that one folder has one name."""
    path = str(_value(variables, "identity_path"))
    if not os.path.isabs(path) or path != os.path.normpath(path) or path == "/":
        raise OrthancTlsError(
            f"{host}: identity_path is '{path}'; it must be an absolute path without a trailing slash, such as "
            f"'{DEFAULT_PATH}'."
        )
    return path


def _peer_user(host: str, variables: Mapping[str, Any], users: Mapping[str, str]) -> str | None:
    name = variables.get("orthanc_peer_user")
    if name is None or name in users:
        return name
    raise OrthancTlsError(
        f"{host}: orthanc_peer_user is '{name}', who is not in orthanc_config.RegisteredUsers "
        f"({', '.join(sorted(users)) or 'which is empty'}); register the user, or name another."
    )


def _server_certificate(host: str, variables: Mapping[str, Any], mode: str) -> ServerCertificate | None:
    value, where = _value(variables, "orthanc_server_certificate"), f"{host}: orthanc_server_certificate"
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
    return {str(name): str(password) for name, password in users.items()}


def _external_peer(host: str, name: str, entry: Mapping[str, Any], certificate_file: str) -> Peer:
    where = f"{host}: orthanc_external_peers['{name}']"
    if not _PEER_NAME.fullmatch(name):
        raise OrthancTlsError(f"{where}: Orthanc takes letters, digits, '_' and '-' in a peer's name; rename it.")
    unknown = sorted(set(entry) - set(EXTERNAL_PEER_KEYS) - {"ca_certificates", "dicom_web_url"})
    if unknown:
        raise OrthancTlsError(
            f"{where} has the unknown key '{unknown[0]}'; known are ca_certificates, dicom_web_url, "
            f"{', '.join(sorted(EXTERNAL_PEER_KEYS))}."
        )
    if not str(entry.get("url", "")).startswith(("https://", "http://")):
        raise OrthancTlsError(f"{where} needs a 'url' that begins with https:// (found '{entry.get('url', '')}').")
    if ("username" in entry) != ("password" in entry):
        raise OrthancTlsError(f"{where} needs both 'username' and 'password', or neither.")
    settings = {EXTERNAL_PEER_KEYS[key]: entry[key] for key in EXTERNAL_PEER_KEYS if key in entry}
    settings.setdefault("CertificateFile", certificate_file)
    settings["Url"] = str(entry["url"]).rstrip("/") + "/"
    ca_certificates = entry.get("ca_certificates", ())
    if isinstance(ca_certificates, str):
        ca_certificates = (ca_certificates,)
    return Peer(name, None, settings, entry.get("dicom_web_url"), tuple(ca_certificates))


def _refuse_clashes(host: str, peers: Sequence[Peer]) -> None:
    seen: dict[str, str] = {}
    for peer in peers:
        origin = f"the host '{peer.host}'" if peer.host else f"orthanc_external_peers['{peer.name}']"
        if peer.name in seen:
            raise OrthancTlsError(
                f"{host}: {seen[peer.name]} and {origin} would both be the Orthanc peer '{peer.name}'; rename one."
            )
        seen[peer.name] = origin


def _value(variables: Mapping[str, Any], name: str) -> Any:
    value = variables.get(name)
    return DEFAULTS[name] if value is None else value


def _choice(host: str, variables: Mapping[str, Any], name: str, choices: Sequence[str]) -> str:
    value = _value(variables, name)
    if value not in choices:
        raise OrthancTlsError(f"{host}: {name} is '{value}'; it must be one of: {', '.join(choices)}.")
    return str(value)


def _port(host: str, variables: Mapping[str, Any], name: str) -> int:
    value = _value(variables, name)
    if not str(value).isdecimal() or not 1 <= int(value) <= 65535:
        raise OrthancTlsError(f"{host}: {name} is '{value}'; it must be a TCP port between 1 and 65535.")
    return int(value)


def _url_host(fqdn: str) -> str:
    return f"[{fqdn}]" if ":" in fqdn else fqdn
