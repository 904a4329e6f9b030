# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with an entry of C(DicomModalities), C(OrthancPeers) or C(DicomWeb.Servers), as Orthanc reads it.

Passwords and URLs are not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.json_types import (
    JSON_TYPES,
    as_text,
    found,
    is_a,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.peer_forms import wrong_setting, wrong_url

_SWITCHES = """
AllowEcho AllowEventReport AllowFind AllowFindWorklist AllowGet AllowMove AllowNAction AllowStorageCommitment AllowStore
AllowTranscoding UseDicomTls
"""
_TYPES: dict[str, type] = {
    **dict.fromkeys(("AET", "Host", "LocalAet", "Manufacturer"), str),
    **dict.fromkeys(_SWITCHES.split(), bool),
    "Timeout": int,
}
_REQUIRED = ("AET", "Host", "Port")
_SHORT_FORM = ("AET", "Host", "Port", "Manufacturer")
_MANUFACTURERS = ("Generic", "GenericNoWildcardInDates", "GenericNoUniversalWildcard", "Vitrea", "GE")
_OBSOLETE = ("AgfaImpax", "SyngoVia", "EFilm2", "MedInria", "ClearCanvas", "Dcm4Chee")
_NUMBER = re.compile(r"[+-]?\d+", re.ASCII)
_PORTS = range(1, 65535)
_PEER_LENGTHS = (1, 3)


def wrong_modality(where: str, entry: Any) -> Iterator[str]:
    """Say what is wrong with a modality; C(where) is its place."""
    if is_a(entry, list) and len(entry) in (len(_REQUIRED), len(_SHORT_FORM)):
        yield from _wrong_modality(where, dict(zip(_SHORT_FORM, entry, strict=False)))
    elif is_a(entry, dict):
        yield from (f"{where} has no {key}; Orthanc needs it" for key in _REQUIRED if key not in entry)
        yield from _wrong_modality(where, entry)
    else:
        yield f"{where} is {_found(entry)}; Orthanc takes [AET, host, port], also with a manufacturer, or a dictionary"


def _wrong_modality(where: str, entry: Mapping[str, Any]) -> Iterator[str]:
    for key, expected in _TYPES.items():
        if key in entry and not is_a(entry[key], expected):
            yield f"{where}.{key} is {found(entry[key])}; Orthanc takes a {JSON_TYPES[expected]} here"
    if "Port" in entry:
        yield from _wrong_port(f"{where}.Port", entry["Port"])
    yield from _wrong_timeout(where, entry)
    manufacturer = entry.get("Manufacturer", _MANUFACTURERS[0])
    if is_a(manufacturer, str) and manufacturer not in (*_MANUFACTURERS, *_OBSOLETE):
        yield f"{where}.Manufacturer is '{manufacturer}'; Orthanc takes one of: {', '.join(_MANUFACTURERS)}"


def _wrong_port(where: str, port: Any) -> Iterator[str]:
    is_text = is_a(port, str)
    if not (is_a(port, int) or (is_text and _NUMBER.fullmatch(port))) or int(port) not in _PORTS:
        shown = f"'{port}'" if is_text or is_a(port, int) else found(port)
        yield f"{where} is {shown}; Orthanc takes a whole number from {_PORTS[0]} to {_PORTS[-1]} here"


def wrong_peer(where: str, entry: Any) -> Iterator[str]:
    """Say what is wrong with a peer or a DICOMweb server; C(where) is its place."""
    if is_a(entry, dict):
        yield from _wrong_settings(where, entry)
    elif (
        is_a(entry, list)
        and len(entry) in _PEER_LENGTHS
        and not any(is_a(item, list) or is_a(item, dict) for item in entry)
    ):
        yield from _wrong_url(where, as_text(entry[0]))
    else:
        yield f"{where} is {_found(entry)}; Orthanc takes [URL] or [URL, user, password], or a dictionary"


def _wrong_settings(where: str, entry: Mapping[str, Any]) -> Iterator[str]:
    for key, value in entry.items():
        wrong = list(wrong_setting(key, value))
        yield from (f"{where}.{one}" for one in wrong)
        if not wrong and key == "HttpHeaders":
            yield from _wrong_headers(f"{where}.{key}", value)
        elif not wrong and not isinstance(value, (str, int)):
            yield f"{where}.{key} is {found(value)}; Orthanc takes a text, a whole number or a boolean here"
    yield from _wrong_timeout(where, entry)
    if entry.get("Password") and not entry.get("Username"):
        yield f"{where} has a Password and no Username; Orthanc takes both or neither"
    yield from _wrong_url(where, entry.get("Url") or entry.get("URL") or "")


def _wrong_headers(where: str, headers: Mapping[str, Any]) -> Iterator[str]:
    for name, value in headers.items():
        if not is_a(value, str):
            yield f"{where}.{name} is {found(value)}; Orthanc takes a text here"


def _wrong_timeout(where: str, entry: Mapping[str, Any]) -> Iterator[str]:
    timeout: Any = entry.get("Timeout")
    if is_a(timeout, int) and timeout < 0:
        yield f"{where}.Timeout is {int(timeout)}; Orthanc takes a whole number of seconds here"


def _wrong_url(where: str, url: Any) -> Iterator[str]:
    if not url:
        yield f"{where} has no Url; Orthanc needs one"
    elif is_a(url, str):
        yield from wrong_url(url if "://" in url else f"http://{url}", where)


def _found(entry: Any) -> str:
    return f"a list of {len(entry)}" if is_a(entry, list) else found(entry)
