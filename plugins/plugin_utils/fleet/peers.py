# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The peers of a host as Orthanc knows them, of the fleet or from outside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

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

_OF_OURS = ("ca_certificates", "dicom_web_url", "required")
"""Keys of a peer in orthanc_external_peers that are not in its entry of OrthancPeers."""


@dataclass(frozen=True)
class Peer:
    """One entry of ``OrthancPeers`` and of ``DicomWeb.Servers``, of the fleet or from outside it."""

    name: str
    host: str | None
    settings: Mapping[str, Any] = field(repr=False)
    dicom_web_url: str | None
    ca_certificates: tuple[str, ...] = ()
    local_url: str | None = None
    filters_requests: bool = False
    required: bool = True


def peer_name(host: str) -> str:
    """The name under which Orthanc knows a host: Orthanc takes ``[A-Za-z0-9_-]`` only, so dots become ``_``."""
    name = host.replace(".", "_").replace(":", "_")
    if not _PEER_NAME.fullmatch(name):
        raise OrthancTlsError(
            f"{host}: cannot be the name of an Orthanc peer; Orthanc takes letters, digits, '_' and '-' "
            "(dots and colons become '_'); rename the host in the inventory."
        )
    return name


def external_peer(host: str, name: str, entry: Any, certificate_file: str) -> Peer:
    """Read one entry of orthanc_external_peers."""
    where = f"{host}: orthanc_external_peers['{name}']"
    if not isinstance(entry, Mapping):
        raise OrthancTlsError(f"{where} must be a dictionary with at least a 'url'.")
    if not _PEER_NAME.fullmatch(name):
        raise OrthancTlsError(f"{where}: Orthanc takes letters, digits, '_' and '-' in a peer's name; rename it.")
    unknown = sorted(set(entry) - set(EXTERNAL_PEER_KEYS) - set(_OF_OURS))
    if unknown:
        raise OrthancTlsError(
            f"{where} has the unknown key '{unknown[0]}'; known are "
            f"{', '.join(sorted((*EXTERNAL_PEER_KEYS, *_OF_OURS)))}."
        )
    if not str(entry.get("url", "")).startswith(("https://", "http://")):
        raise OrthancTlsError(f"{where} needs a 'url' that begins with https:// (found '{entry.get('url', '')}').")
    if ("username" in entry) != ("password" in entry):
        raise OrthancTlsError(f"{where} needs both 'username' and 'password', or neither.")
    settings = {EXTERNAL_PEER_KEYS[key]: entry[key] for key in EXTERNAL_PEER_KEYS if key in entry}
    if "Timeout" in settings:
        settings["Timeout"] = _seconds(where, settings["Timeout"])
    settings.setdefault("CertificateFile", certificate_file)
    settings["Url"] = str(entry["url"]).rstrip("/") + "/"
    ca_certificates = entry.get("ca_certificates", ())
    if isinstance(ca_certificates, str):
        ca_certificates = (ca_certificates,)
    required = _is_required(where, entry.get("required", True))
    return Peer(name, None, settings, entry.get("dicom_web_url"), tuple(ca_certificates), required=required)


def _seconds(where: str, value: object) -> int:
    """Orthanc takes a whole number here, and nothing that only looks like one."""
    if isinstance(value, bool) or not str(value).isdecimal():
        raise OrthancTlsError(f"{where} has the timeout '{value}'; it must be a whole number of seconds.")
    return int(str(value))


def _is_required(where: str, value: object) -> bool:
    try:
        return bool(boolean(value))
    except TypeError as error:
        raise OrthancTlsError(f"{where} has required: '{value}'; it must be true or false.") from error


def refuse_clashes(host: str, peers: Sequence[Peer]) -> None:
    """Raise where two peers would have one name in Orthanc."""
    seen: dict[str, str] = {}
    for peer in peers:
        origin = f"the host '{peer.host}'" if peer.host else f"orthanc_external_peers['{peer.name}']"
        if peer.name in seen:
            raise OrthancTlsError(
                f"{host}: {seen[peer.name]} and {origin} would both be the Orthanc peer '{peer.name}'; rename one."
            )
        seen[peer.name] = origin
