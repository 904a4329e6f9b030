# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What C(orthanc_configuration_info) returns: an Orthanc's settings as they are on the node (standard library only).

No secret is among the settings; each stands in a list of its own, by where it belongs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.files import configuration_files, read_files
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.location import PROGRAM
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.request_filters import request_filters
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.secrets import secret_paths
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.unit import Unit, read_unit

_BESIDE_CONFIGURATION = (
    "SslCertificate",
    "SslTrustedClientCertificates",
    "HttpsCACertificates",
    "StorageDirectory",
    "IndexDirectory",
    "TemporaryDirectory",
)
_LISTS_BESIDE_CONFIGURATION = ("Plugins", "LuaScripts", "ExternalDictionaries")
_IN_WORKING_DIRECTORY = ("DicomTlsCertificate", "DicomTlsPrivateKey", "DicomTlsTrustedCertificates")
_OF_PEERS = ("CertificateFile", "CertificateKeyFile")
_PEM_SETTINGS = (*_BESIDE_CONFIGURATION[:3], *_IN_WORKING_DIRECTORY)
_DEFAULT_STORAGE = "OrthancStorage"
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")


def configuration(service: str, *, secrets: bool) -> dict[str, Any]:
    """Read the configuration with which systemd starts Orthanc; C(secrets) says whether their values are returned."""
    return configuration_of(read_unit(service), secrets=secrets)


def configuration_of(unit: Unit, *, secrets: bool) -> dict[str, Any]:
    """The same for a unit that was read already; one that starts another program than Debian's is an error."""
    if unit.program != PROGRAM:
        raise OrthancTlsError(
            f"{', '.join(unit.files)} starts {unit.program or 'no program'} as {unit.user or 'root'}, and not Debian's "
            f"{PROGRAM}. The collection manages Debian's Orthanc alone, so nothing is taken over and nothing was "
            "changed. The page on adopt says how to move to Debian's Orthanc."
        )
    files = configuration_files(unit.configuration)
    folder = unit.configuration if os.path.isdir(unit.configuration) else os.path.dirname(unit.configuration)
    read = read_files(files, unit.environment)
    settings = resolved(read.settings, folder)
    pem_files = [_pem_file(setting, path) for setting, path in _named_pem_files(settings)]
    filters = request_filters(settings, folder)
    paths = secret_paths(settings)
    values = [_taken(settings, path) for path in paths]
    return {
        "configuration": unit.configuration,
        "files": files,
        "unread": read.unread,
        "unit_files": list(unit.files),
        "user": unit.user,
        "groups": list(unit.groups),
        "settings": settings,
        "pem_files": pem_files,
        "request_filters": filters,
        "secrets": [
            {"path": list(path), **({"value": value} if secrets else {})}
            for path, value in zip(paths, values, strict=True)
        ],
    }


def resolved(settings: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """Every path absolute, those of peers too, and the folders of the studies whether they are set or not.

    Orthanc takes most paths as relative to its configuration, those of peers and of DICOM TLS to its working directory.
    """
    found = dict(settings)
    found.setdefault("StorageDirectory", _DEFAULT_STORAGE)
    found.setdefault("IndexDirectory", found["StorageDirectory"])
    for key in (*_BESIDE_CONFIGURATION, *_IN_WORKING_DIRECTORY):
        if found.get(key):
            found[key] = os.path.normpath(os.path.join(folder if key in _BESIDE_CONFIGURATION else "/", found[key]))
    for key in _LISTS_BESIDE_CONFIGURATION:
        if found.get(key):
            found[key] = [os.path.join(folder, path) for path in found[key]]
    if "OrthancPeers" in found:
        found["OrthancPeers"] = _peers(found["OrthancPeers"])
    if "Servers" in found.get("DicomWeb", {}):
        found["DicomWeb"] = {**found["DicomWeb"], "Servers": _peers(found["DicomWeb"]["Servers"])}
    return found


def _peers(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: _peer(entry) for name, entry in entries.items()}


def _peer(entry: Mapping[str, Any]) -> dict[str, Any]:
    peer = dict(entry)
    for key in _OF_PEERS:
        if peer.get(key):
            peer[key] = os.path.normpath(os.path.join("/", peer[key]))
    return peer


def _named_pem_files(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in _PEM_SETTINGS:
        if settings.get(key):
            yield key, settings[key]
    servers = settings.get("DicomWeb", {}).get("Servers", {})
    for section, entries in (("OrthancPeers", settings.get("OrthancPeers", {})), ("DicomWeb.Servers", servers)):
        for name, entry in entries.items():
            for key in _OF_PEERS:
                if entry.get(key):
                    yield f"{section}.{name}.{key}", entry[key]


def _pem_file(setting: str, path: str) -> dict[str, Any]:
    """A file that a setting names, with its certificates alone: a key in it is of no concern here."""
    missing = {"setting": setting, "path": path, "exists": False, "certificates": []}
    if not os.path.isfile(path):  # a FIFO would be waited for
        return missing
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            text = file.read()
    except OSError:
        return missing
    return {"setting": setting, "path": path, "exists": True, "certificates": _CERTIFICATE.findall(text)}


def _taken(settings: Any, path: Sequence[Any]) -> Any:
    """Take the value at a path out of nested settings, and leave nothing there."""
    *parents, last = path
    for step in parents:
        settings = settings[step]
    value, settings[last] = settings[last], None
    return value
