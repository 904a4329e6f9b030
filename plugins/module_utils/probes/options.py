# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A probe as the user writes it, checked and made ready (cryptography only for forged certificates and old TLS)."""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.own_addresses import own_addresses
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.client import Request, Target
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.context import (
    OLD_VERSIONS,
    TlsSettings,
    client_context,
    is_pem,
    speaks,
)

Options = Mapping[str, Any]

_DEFAULT_PORTS = {"https": 443, "http": 80}
_TLS_ONLY = (
    "certificate",
    "forge",
    "forge_except",
    "ca_certificates",
    "tls_minimum",
    "tls_maximum",
    "fingerprint_sha256",
    "alerts",
)
_LOWEST, _HIGHEST = "1.2", "1.3"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Probe:
    """One expectation. C(statuses) and C(alerts) say how it has to be met; empty, any way of its kind will do.

    C(refused) says that it expects no answer, C(no_access) that no connection will do as well as a refusal. C(context)
    is None for plain HTTP; C(presents) says that it holds a client certificate. C(hindrance) is why this
    client cannot make the probe.
    """

    name: str
    url: str
    target: Target
    request: Request
    context: ssl.SSLContext | None
    refused: bool
    no_access: bool
    control: str | None
    statuses: tuple[int, ...]
    alerts: tuple[str, ...]
    fingerprint_sha256: str | None
    presents: bool
    required: bool
    return_json: bool
    hindrance: str | None


def read_probes(options: Sequence[Options]) -> list[Probe]:
    """Check the options of all probes and load their certificates; raises on the first that is wrong."""
    if not options:
        raise OrthancTlsError("probes: the list is empty, which would prove nothing; expected at least one probe.")
    by_name: dict[str, Probe] = {}
    for option in options:
        for probe in _read(option):
            if probe.name in by_name:
                raise OrthancTlsError(f"probes: two are named '{probe.name}'; give each its own name.")
            by_name[probe.name] = probe
    for probe in by_name.values():
        _check_control(probe, by_name)
    return list(by_name.values())


def _read(option: Options) -> list[Probe]:
    try:
        return _at_own_addresses(option) if option.get("own_addresses") else [_probe(option)]
    except OrthancTlsError as error:
        raise OrthancTlsError(f"Probe '{option['name']}': {error}") from error


def _at_own_addresses(option: Options) -> list[Probe]:
    """One probe for each address; where there is none, one that proves nothing."""
    if option.get("connect_to"):
        raise OrthancTlsError("own_addresses: cannot go with connect_to, which names another address; leave one out.")
    addresses = own_addresses()
    if not addresses:
        return [replace(_probe(option), hindrance="this host has no address but the loopback's: proves nothing")]
    return [_probe({**option, "name": f"{option['name']} at {one}", "connect_to": one}) for one in addresses]


def _probe(option: Options) -> Probe:
    url = _url(option["url"])
    no_access = option.get("expect") == "no_access"
    refused = no_access or option.get("expect") == "refused"
    context, hindrance = _client(option) if url.scheme == "https" else _plain(option)
    return Probe(
        name=option["name"],
        url=option["url"],
        target=_target(url, option),
        request=_request(url, option),
        context=context,
        refused=refused,
        no_access=no_access,
        control=option.get("control"),
        statuses=_statuses(option),
        alerts=_only_for(refused, option, "alerts"),
        fingerprint_sha256=_fingerprint(option, refused),
        presents=bool(option.get("certificate") or option.get("forge")),
        required=option.get("required") is not False,
        return_json=bool(option.get("return_json")),
        hindrance=hindrance,
    )


def _url(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        (url.hostname or "").encode("idna")
        port = url.port
    except ValueError as error:
        raise OrthancTlsError(f"url: {text!r} cannot be read ({error}); expected https://host:port/path.") from error
    if url.scheme not in _DEFAULT_PORTS or not url.hostname or url.hostname.startswith(".") or port == 0:
        raise OrthancTlsError(f"url: found {text!r}, expected https://host:port/path or http://host:port/path.")
    if url.username is not None or url.password is not None:
        raise OrthancTlsError("url: it holds a user or a password; use the options username and password.")
    if not _VISIBLE.fullmatch(url.path + url.query + "/"):
        raise OrthancTlsError(f"url: {text!r} holds blanks or characters beyond ASCII; percent-encode them.")
    return url


def _target(url: SplitResult, option: Options) -> Target:
    host = url.hostname or ""
    return Target(host, url.port or _DEFAULT_PORTS[url.scheme], option.get("connect_to") or host)


def _request(url: SplitResult, option: Options) -> Request:
    method = option.get("method") or "GET"
    if not _TOKEN.fullmatch(method):
        raise OrthancTlsError(f"method: {method!r} is no HTTP method.")
    headers = {str(name): str(value) for name, value in (option.get("headers") or {}).items()}
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or not value.isprintable() or not value.isascii():
            raise OrthancTlsError(f"headers: {name!r} is no header of printable ASCII in one line.")
    if option.get("username") is not None:
        headers["Authorization"] = _basic(option["username"], option.get("password") or "")
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    body = option.get("body")
    return Request(method, path, headers, None if body is None else body.encode())


def _basic(username: str, password: str) -> str:
    if ":" in username:
        raise OrthancTlsError(f"username: {username!r} holds a colon, which HTTP cannot carry (RFC 7617).")
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii")


def _plain(option: Options) -> tuple[None, None]:
    for name in _TLS_ONLY:
        if option.get(name):
            raise OrthancTlsError(f"{name}: means nothing for an http:// URL; leave it out, or use https://.")
    return None, None


def _client(option: Options) -> tuple[ssl.SSLContext | None, str | None]:
    settings = _tls_settings(option)
    if settings.minimum in OLD_VERSIONS and not speaks(settings.maximum):
        return None, f"this client cannot speak TLS {settings.maximum}: proves nothing"
    return client_context(settings), None


def _tls_settings(option: Options) -> TlsSettings:
    maximum = option.get("tls_maximum") or _HIGHEST
    minimum = option.get("tls_minimum") or min(_LOWEST, maximum)
    if minimum > maximum:
        raise OrthancTlsError(f"tls_minimum: found {minimum}, which is above tls_maximum {maximum}.")
    for name in ("certificate", "ca_certificates", "forge_except"):
        value = option.get(name)
        if value and not is_pem(value) and not value.startswith("/"):
            raise OrthancTlsError(f"{name}: expected an absolute path or PEM text.")
    return TlsSettings(
        minimum=minimum,
        maximum=maximum,
        ca_certificates=option.get("ca_certificates"),
        check_hostname=option.get("check_hostname") is not False,
        certificate=option.get("certificate"),
        stranger=option.get("forge"),
        stranger_except=option.get("forge_except"),
    )


def _statuses(option: Options) -> tuple[int, ...]:
    statuses = tuple(option.get("status") or ())
    for status in statuses:
        if not 200 <= status <= 599:
            raise OrthancTlsError(f"status: {status} is no final HTTP status; expected 200 to 599.")
    return statuses


def _only_for(refused: bool, option: Options, name: str) -> tuple[str, ...]:
    values = tuple(option.get(name) or ())
    if values and not refused:
        raise OrthancTlsError(f"{name}: means nothing where an answer is expected; leave it out, or expect 'refused'.")
    return values


def _fingerprint(option: Options, refused: bool) -> str | None:
    value = option.get("fingerprint_sha256")
    if not value:
        return None
    if refused:
        raise OrthancTlsError("fingerprint_sha256: means nothing where a refusal is expected; put it on the control.")
    fingerprint: str = value.replace(":", "").lower()
    if not _SHA256.fullmatch(fingerprint):
        raise OrthancTlsError(f"fingerprint_sha256: found {value!r}, expected 64 hexadecimal digits.")
    return fingerprint


def _check_control(probe: Probe, by_name: Mapping[str, Probe]) -> None:
    if not probe.refused:
        if probe.control is not None:
            raise OrthancTlsError(f"Probe '{probe.name}': control is for probes that expect 'refused' or 'no_access'.")
        return
    control = by_name.get(probe.control or "")
    if control is None or control.refused:
        raise OrthancTlsError(
            f"Probe '{probe.name}': a refusal counts only beside an answer; "
            f"found control {probe.control!r}, expected the name of a probe of this call that expects 'answered'."
        )
    if probe.no_access:
        if control.target.host != probe.target.host:
            raise OrthancTlsError(
                f"Probe '{probe.name}': its control '{control.name}' asks {control.target.host}, "
                f"expected {probe.target.host}: the same url host, on whichever port and address."
            )
    elif control.target != probe.target:
        raise OrthancTlsError(
            f"Probe '{probe.name}': its control '{control.name}' asks {control.target.host} at {control.target}, "
            f"expected {probe.target.host} at {probe.target}: the same url host and port, and the same connect_to."
        )
