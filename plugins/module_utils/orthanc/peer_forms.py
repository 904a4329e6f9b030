# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers and DICOMweb servers in the forms that Orthanc takes, brought into one (standard library only).

Orthanc takes a list of a URL, or of URL, user and password, or a dictionary, in which it may be C(URL).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.json_types import (
    JSON_TYPES,
    as_text,
    found,
    is_a,
)

_SHORT_FORM = ("Url", "Username", "Password")
_LENGTHS = (1, 3)
_TYPES: dict[str, type] = {
    **dict.fromkeys((*_SHORT_FORM, "URL", "CertificateFile", "CertificateKeyFile", "CertificateKeyPassword"), str),
    "HttpHeaders": dict,
    "Pkcs11": bool,
    "Timeout": int,
}
_SCHEMES = ("http", "https")
_END = ", and does not start with that; correct it."


def peers_of(entries: Mapping[str, Any], where: str) -> dict[str, dict[str, Any]]:
    """Return each entry as a dictionary with C(Url), and the login of a URL as user and password."""
    return {name: _peer(entry, f"{where}.{name}") for name, entry in entries.items()}


def _peer(entry: Any, where: str) -> dict[str, Any]:
    peer = _from_list(entry, where) if is_a(entry, list) else _from_dictionary(entry, where)
    if not peer.get("Url"):
        raise OrthancTlsError(f"{where} has no Url; Orthanc needs one{_END}")
    if peer.get("Password") and not peer.get("Username"):
        raise OrthancTlsError(f"{where} has a Password and no Username; Orthanc takes both or neither{_END}")
    return _with_login_of_url(peer, where)


def _from_list(entry: Sequence[Any], where: str) -> dict[str, Any]:
    if len(entry) not in _LENGTHS or any(is_a(item, list) or is_a(item, dict) for item in entry):
        raise OrthancTlsError(
            f"{where} is a list of {len(entry)}; Orthanc takes [URL] or [URL, user, password], or a dictionary{_END}"
        )
    return dict(zip(_SHORT_FORM, map(as_text, entry), strict=False))


def _from_dictionary(entry: Any, where: str) -> dict[str, Any]:
    if not is_a(entry, dict):
        raise OrthancTlsError(
            f"{where} is {found(entry)}; Orthanc takes a list of URL, user and password, or a dictionary{_END}"
        )
    for key, value in entry.items():
        for wrong in wrong_setting(key, value):
            raise OrthancTlsError(f"{where}.{wrong}{_END}")
    peer = {key: value for key, value in entry.items() if key != "URL"}
    return {**peer, "Url": entry.get("Url") or entry.get("URL", "")}


def _with_login_of_url(peer: dict[str, Any], where: str) -> dict[str, Any]:
    """What libcurl does: the user and password of a URL count where there are no others, and no scheme is plain HTTP.

    A user without a password may be a token: such a URL stays as it is, as a secret.
    """
    url = peer["Url"] if "://" in peer["Url"] else f"http://{peer['Url']}"
    for wrong in wrong_url(url, where):
        raise OrthancTlsError(f"{wrong}{_END}")
    parts = urlsplit(url)
    login, _at, address = parts.netloc.rpartition("@")
    user, colon, password = login.partition(":")
    if login and not colon:
        return {**peer, "Url": url}
    own = {} if not login or peer.get("Username") else {"Username": unquote(user), "Password": unquote(password)}
    return {**peer, "Url": parts._replace(netloc=address).geturl() if login else url, **own}


def wrong_setting(key: str, value: Any) -> Iterator[str]:
    """Say what is wrong with the type of a peer's setting."""
    expected = _TYPES.get(key)
    if expected is not None and not is_a(value, expected):
        yield f"{key} is {found(value)}; Orthanc takes a {JSON_TYPES[expected]} here"


def wrong_url(url: str, where: str) -> Iterator[str]:
    """Say what is wrong with a URL, of which the text may hold a password."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _SCHEMES and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        yield f"{where}.Url is no URL that Orthanc could call; expected http:// or https://"
