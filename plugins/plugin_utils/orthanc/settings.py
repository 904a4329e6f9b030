# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Orthanc's configuration as one dictionary: what the fleet asks for, merged with the user's own settings."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.keys import KEY_TYPES, PLUGIN_KEYS
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.location import SERVER_CERTIFICATE
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import Peer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.orthanc.values import wrong_values

STORAGE = "/var/lib/orthanc/db-v6"
PLUGINS = "/usr/share/orthanc/plugins/"

CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
)
"""TLS 1.2 suites of Mozilla's intermediate profile (Server Side TLS 6.0)."""

_TLS_1_2 = 4
"""``SslMinimumProtocolVersion``: TLS 1.2 and 1.3."""

_BINDS_ADDRESSES = (1, 12, 10)
"""The first release with ``HttpBindAddresses``."""

_VARIABLE_OF = {
    "SslEnabled": "orthanc_tls_mode",
    "SslCertificate": "orthanc_server_certificate",
    "SslVerifyPeers": "orthanc_client_auth",
    "SslTrustedClientCertificates": "orthanc_client_auth",
    "HttpBindAddresses": "orthanc_tls_mode",
    "HttpPort": "orthanc_http_port",
    "DicomPort": "orthanc_dicom_port",
    "DicomAet": "orthanc_dicom_aet",
    "HttpsCACertificates": "orthanc_external_peers (its ca_certificates)",
    "HttpsVerifyPeers": "orthanc_external_peers (its ca_certificates)",
}
"""Keys that follow from a variable of the collection, and would contradict it in orthanc_config."""


def orthanc_settings(
    node: Node,
    peers: Sequence[Peer],
    user: Mapping[str, Any],
    *,
    identity: str,
    unchecked_keys: Iterable[str] = (),
    version: str | None = None,
) -> dict[str, Any]:
    """The whole configuration of one Orthanc.

    ``identity`` is the folder with the live generation (``server.pem``, ``client-trust.pem``, ``server-trust.pem``);
    ``user`` is orthanc_config, of which ``OrthancPeers`` and the ``DicomWeb`` section are merged and every other key
    replaces ours; ``unchecked_keys`` are top-level keys that are newer than the list of known ones; ``version`` is the
    installed Orthanc's, where it is known.
    """
    check_user_settings(node.host, user, unchecked_keys)
    server = _builtin_settings(node, identity) if node.tls_mode == "builtin" else _behind_frontend(version)
    settings = {**_general_settings(node), **_client_settings(node, peers, identity), **server}
    if "StorageDirectory" in user:
        settings["IndexDirectory"] = user["StorageDirectory"]
    merged = {**settings, **user}
    merged["OrthancPeers"] = {**settings["OrthancPeers"], **user.get("OrthancPeers", {})}
    merged["DicomWeb"] = _merge_dicom_web(settings["DicomWeb"], user.get("DicomWeb", {}))
    _refuse_open_access(node, merged)
    return merged


def render(settings: Mapping[str, Any]) -> str:
    """The configuration file's text; ``${`` is written as ``\\u0024{``, as Orthanc would expand it (1.10 to 1.13)."""
    text = json.dumps(settings, indent=2, sort_keys=True, ensure_ascii=False)
    return text.replace("${", "\\u0024{") + "\n"


def _general_settings(node: Node) -> dict[str, Any]:
    return {
        "Name": node.fqdn,
        "StorageDirectory": STORAGE,
        "IndexDirectory": STORAGE,
        "Plugins": [PLUGINS],
        "HttpPort": node.http_port,
        "DicomPort": node.dicom_port,
        "DicomAet": node.dicom_aet,
        "AuthenticationEnabled": bool(node.users),
        "RegisteredUsers": dict(node.users),
    }


def _builtin_settings(node: Node, identity: str) -> dict[str, Any]:
    required = node.client_auth == "required"
    settings: dict[str, Any] = {
        "RemoteAccessAllowed": node.serves_remotely,
        "SslEnabled": True,
        "SslCertificate": SERVER_CERTIFICATE if node.server_certificate else f"{identity}/server.pem",
        "SslMinimumProtocolVersion": _TLS_1_2,
        "SslCiphersAccepted": list(CIPHERS),
        "SslVerifyPeers": required,
    }
    if required:
        settings["SslTrustedClientCertificates"] = f"{identity}/client-trust.pem"
    return settings


def _behind_frontend(version: str | None) -> dict[str, Any]:
    """Plain HTTP for 127.0.0.1 only; before 1.12.10 Orthanc listens everywhere and answers 401 to the others."""
    settings: dict[str, Any] = {"RemoteAccessAllowed": False, "SslEnabled": False}
    if version and _numbers(version) >= _BINDS_ADDRESSES:
        settings["HttpBindAddresses"] = ["127.0.0.1"]
    return settings


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))


def _client_settings(node: Node, peers: Sequence[Peer], identity: str) -> dict[str, Any]:
    # An empty Host lets DICOMweb's links follow the request; Ssl is what they say where no Forwarded header does.
    links = {"Host": "", "Ssl": node.tls_mode == "builtin"}
    servers = {peer.name: {**peer.settings, "Url": peer.dicom_web_url} for peer in peers if peer.dicom_web_url}
    return {
        "HttpsVerifyPeers": True,
        "HttpsCACertificates": f"{identity}/server-trust.pem",
        "OrthancPeers": {peer.name: dict(peer.settings) for peer in peers},
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", **links, "Servers": servers},
    }


def _merge_dicom_web(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    return {**ours, **theirs, "Servers": {**ours["Servers"], **theirs.get("Servers", {})}}


def check_user_settings(host: str, user: Mapping[str, Any], unchecked_keys: Iterable[str] = ()) -> None:
    """Raise one error that says all that is wrong with orthanc_config, a line each."""
    known = KEY_TYPES.keys() | PLUGIN_KEYS | frozenset(unchecked_keys)
    wrong = [
        *(
            f"sets {key}, which follows from {_VARIABLE_OF[key]}; set that variable instead."
            for key in user
            if key in _VARIABLE_OF
        ),
        *(f"has the unknown key '{key}'{_nearest(key, known)}" for key in user if key not in known),
    ]
    others = {key: value for key, value in user.items() if key not in _VARIABLE_OF}
    lines = [f"{host}: orthanc_config {one}" for one in wrong]
    lines += [f"{host}: orthanc_config.{one}." for one in wrong_values(others)]
    if lines:
        raise OrthancTlsError("\n".join(lines))


def _nearest(key: str, known: Iterable[str]) -> str:
    folded = {name.lower(): name for name in known}
    close = difflib.get_close_matches(key.lower(), folded, n=1)
    hint = f"; did you mean '{folded[close[0]]}'?" if close else "."
    return f"{hint} Orthanc ignores keys that it does not know; one of a newer release goes to orthanc_unchecked_keys."


def _refuse_open_access(node: Node, settings: Mapping[str, Any]) -> None:
    if settings["AuthenticationEnabled"] and not settings["RegisteredUsers"]:
        raise OrthancTlsError(
            f"{node.host}: orthanc_config turns AuthenticationEnabled on without RegisteredUsers, and Orthanc would "
            "then let in orthanc/orthanc; give orthanc_config.RegisteredUsers, which turns it on by itself."
        )
    if node.tls_mode == "frontend" and settings["RemoteAccessAllowed"]:
        raise OrthancTlsError(
            f"{node.host}: orthanc_config sets RemoteAccessAllowed, and Orthanc would answer everybody in plain HTTP "
            "beside its front-end; take it out, or let Orthanc speak TLS itself with orthanc_tls_mode: builtin."
        )
    if node.client_auth == "none" and _answers_anybody(node, settings):
        raise OrthancTlsError(
            f"{node.host}: {node.client_auth_variable} is 'none' and anybody would be let in without a password; "
            "give orthanc_config.RegisteredUsers (and leave AuthenticationEnabled and RemoteAccessAllowed alone), or "
            f"demand client certificates with {node.client_auth_variable}: required."
        )


def _answers_anybody(node: Node, settings: Mapping[str, Any]) -> bool:
    reachable = node.tls_mode == "frontend" or settings["RemoteAccessAllowed"]
    return bool(reachable) and not settings["AuthenticationEnabled"]
