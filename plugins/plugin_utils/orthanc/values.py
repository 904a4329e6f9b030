# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Orthanc does not take as the value of a key that it knows, or takes for something else without a word.

Each rule was tried on Orthanc 1.10.1 and 1.12.7. With what is refused here one of them does not start, or goes on with
a default: with another C(MaximumStorageMode) it deletes studies. What a later release may know, such as one more
version of the DICOM standard, is left to Orthanc.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.json_types import (
    JSON_TYPES,
    found,
    is_a,
    json_type,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.keys import KEY_TYPES
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.orthanc.remotes import wrong_modality, wrong_peer

_LARGEST = 2**31 - 1
_RANGES = {
    "DicomLossyTranscodingQuality": (1, 100),
    "DicomThreadsCount": (1, _LARGEST),
    "HttpRequestTimeout": (1, _LARGEST),
    "HttpThreadsCount": (1, _LARGEST),
    "LuaHeartBeatPeriod": (-_LARGEST, _LARGEST),
    "MaximumPduLength": (4096, 131072),
    "MediaArchiveSize": (1, _LARGEST),
    "QueryRetrieveSize": (1, _LARGEST),
}
_CHOICES = {
    "BuiltinDecoderTranscoderOrder": ("After", "Before", "Disabled"),
    "DicomDefaultRetrieveMethod": ("C-MOVE", "C-GET", "SystemDefault"),
    "MaximumStorageMode": ("Recycle", "Reject"),
    "StorageAccessOnFind": ("Always", "Never", "Answers"),
}
_ENCODINGS = """
ASCII UTF8 Latin1 Latin2 Latin3 Latin4 Latin5 Cyrillic Windows1251 Arabic Greek Hebrew Thai Japanese Chinese Korean
JapaneseKanji SimplifiedChinese
"""
_TRANSFER_SYNTAX = re.compile(r"1\.2\.840\.10008\.1(\.\d+)+")
_SYNTAX_KEYS = ("DicomScuPreferredTransferSyntax", "IngestTranscoding")
_USERS_OWN = (1024, 65535)
_LEVELS = ("patient", "patients", "study", "studies", "series", "instance", "instances", "image", "images")
_VR = re.compile(r"[A-Z]{2}")
_TAG_FORM = (str, str, int, int, str)
_LEAST_OF_TAG = 3
_NAME = re.compile(r"[A-Za-z0-9_-]*")
_TLS_FILES = ("DicomTlsCertificate", "DicomTlsPrivateKey", "DicomTlsTrustedCertificates")


def wrong_values(config: Mapping[str, Any]) -> Iterator[str]:
    """Say what is wrong with each value of C(orthanc_config); a complaint begins with its place and shows no secret.

    Only keys of Orthanc's own are looked at, and the servers of C(DicomWeb).
    """
    for key, value in config.items():
        expected = KEY_TYPES.get(key)
        if expected is None:
            continue
        if not is_a(value, expected):
            yield (
                f"{key} is a {json_type(value)}; Orthanc takes a {JSON_TYPES[expected]} here (in YAML: true, 5, "
                "[a, b], {a: 1}, without quotes)"
            )
        elif expected is int:
            yield from _wrong_number(key, value)
        elif expected is list:
            yield from (
                f"{key} lists {found(item)}; Orthanc takes a list of texts" for item in value if not is_a(item, str)
            )
        elif expected is str:
            yield from _wrong_text(key, value)
        elif key in _SECTIONS:
            yield from _SECTIONS[key](key, value)
    if "DicomWeb" in config:
        yield from _wrong_dicom_web(config["DicomWeb"])
    yield from _wrong_dicom_tls(config)


def _wrong_number(key: str, value: int, limits: tuple[int, int] | None = None) -> Iterator[str]:
    least, most = limits or _RANGES.get(key, (0, _LARGEST))
    if not least <= value <= most:
        yield f"{key} is {int(value)}; Orthanc takes a whole number from {least} to {most} here"


def _wrong_text(key: str, value: str) -> Iterator[str]:
    if key in _CHOICES and value not in _CHOICES[key]:
        yield f"{key} is '{value}'; Orthanc takes one of: {', '.join(_CHOICES[key])}"
    elif key == "DefaultEncoding" and value.lower() not in _ENCODINGS.lower().split():
        yield f"{key} is '{value}'; Orthanc takes one of: {', '.join(_ENCODINGS.split())}"
    elif key in _SYNTAX_KEYS and not _TRANSFER_SYNTAX.fullmatch(value):
        yield f"{key} is '{value}'; Orthanc takes the UID of a transfer syntax here, such as 1.2.840.10008.1.2.1"
    elif key == "DatabaseServerIdentifier" and not value:
        yield f"{key} is empty; give a text that no other Orthanc of this database has, or leave the key out"


def _wrong_modalities(key: str, modalities: Mapping[str, Any]) -> Iterator[str]:
    for name, modality in modalities.items():
        yield from _wrong_name(key, name)
        yield from wrong_modality(f"{key}.{name}", modality)


def _wrong_peers(key: str, peers: Mapping[str, Any]) -> Iterator[str]:
    for name, peer in peers.items():
        yield from _wrong_name(key, name)
        yield from wrong_peer(f"{key}.{name}", peer)


def _wrong_name(key: str, name: str) -> Iterator[str]:
    if not _NAME.fullmatch(str(name)):
        yield f"{key} has the name '{name}'; Orthanc takes letters, digits, '_' and '-' there"


def _wrong_dicom_web(section: Any) -> Iterator[str]:
    """The plugin gives up all of its servers where one is wrong, and Orthanc starts all the same."""
    if not is_a(section, dict):
        yield f"DicomWeb is {found(section)}; Orthanc takes a dictionary here"
        return
    servers = section.get("Servers", {})
    if not is_a(servers, dict):
        yield f"DicomWeb.Servers is {found(servers)}; Orthanc takes a dictionary here"
        return
    for name, server in servers.items():
        yield from wrong_peer(f"DicomWeb.Servers.{name}", server)


def _wrong_dicom_tls(config: Mapping[str, Any]) -> Iterator[str]:
    needed = _TLS_FILES if config.get("DicomTlsRemoteCertificateRequired", True) else _TLS_FILES[:2]
    missing = [key for key in needed if not config.get(key)]
    if config.get("DicomTlsEnabled") is True and missing:
        yield f"DicomTlsEnabled is true without {', '.join(missing)}; Orthanc needs the absolute path of each"


def _wrong_metadata(key: str, section: Mapping[str, Any]) -> Iterator[str]:
    yield from _wrong_indexes(key, section)


def _wrong_content_types(key: str, section: Mapping[str, Any]) -> Iterator[str]:
    def index(value: Any) -> Any:
        is_pair = is_a(value, list) and len(value) == 2 and is_a(value[1], str)
        return value[0] if is_pair else value

    yield from _wrong_indexes(key, {name: index(value) for name, value in section.items()})


def _wrong_indexes(key: str, section: Mapping[str, Any]) -> Iterator[str]:
    seen: dict[int, str] = {}
    least, most = _USERS_OWN
    for name, value in section.items():
        if not is_a(value, int) or not least <= value <= most:
            shown = int(value) if is_a(value, int) else found(value)
            yield f"{key}.{name} is {shown}; Orthanc takes a whole number from {least} to {most} here"
        elif value in seen:
            yield f"{key}.{name} is {int(value)}, as is {key}.{seen[value]}; Orthanc takes each number once"
        else:
            seen[value] = name


def _wrong_tags(key: str, section: Mapping[str, Any]) -> Iterator[str]:
    for tag, form in section.items():
        fits = is_a(form, list) and _LEAST_OF_TAG <= len(form) <= len(_TAG_FORM)
        if not fits or not all(map(is_a, form, _TAG_FORM)) or not _VR.fullmatch(form[0]):
            yield f"{key}.{tag} must be a list: VR, name, least and most values, and for a private tag its creator"


def _wrong_main_tags(key: str, section: Mapping[str, Any]) -> Iterator[str]:
    for level, tags in section.items():
        if str(level).lower() not in _LEVELS:
            yield f"{key} has the level '{level}'; Orthanc takes Patient, Study, Series or Instance"
        elif not is_a(tags, list) or not all(is_a(tag, str) for tag in tags):
            yield f"{key}.{level} must be a list of names or numbers of tags, as texts"


def _wrong_threads(key: str, section: Mapping[str, Any]) -> Iterator[str]:
    for name, value in section.items():
        if is_a(value, int):
            yield from _wrong_number(f"{key}.{name}", value)
        else:
            yield f"{key}.{name} is {found(value)}; Orthanc takes a whole number here"


def _wrong_warnings(key: str, section: Mapping[str, Any]) -> Iterator[str]:
    for name, value in section.items():
        if not isinstance(value, int):  # true and false, and numbers in their place
            yield f"{key}.{name} is {found(value)}; Orthanc takes a boolean here"


_SECTIONS: dict[str, Callable[[str, Mapping[str, Any]], Iterator[str]]] = {
    "DicomModalities": _wrong_modalities,
    "Dictionary": _wrong_tags,
    "ExtraMainDicomTags": _wrong_main_tags,
    "JobsEngineThreadsCount": _wrong_threads,
    "OrthancPeers": _wrong_peers,
    "UserContentType": _wrong_content_types,
    "UserMetadata": _wrong_metadata,
    "Warnings": _wrong_warnings,
}
