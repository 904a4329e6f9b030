# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet-wide variables, their defaults, and how one is read: an error names host and variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_duration
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.location import DEFAULT_PATH

DEFAULTS: dict[str, Any] = {
    "orthanc_tls_mode": "frontend",
    "orthanc_client_auth": "required",
    "orthanc_issuer": "local",
    "orthanc_issuer_ca_certificates": [],
    "orthanc_http_port": 8042,
    "orthanc_dicom_port": 4242,
    "orthanc_dicom_aet": "ORTHANC",
    "orthanc_peers": [],
    "orthanc_external_peers": {},
    "orthanc_subject_alt_names": [],
    "orthanc_config": {},
    "orthanc_server_certificate": {},
    "orthanc_start_timeout": "25m",
    "orthanc_restart_grace": "1m",
    "frontend_client_auth": "required",
    "frontend_engine": "nginx",
    "frontend_server_names": [],
    "frontend_https_port": 443,
    "frontend_path_prefix": "/",
    "identity_path": DEFAULT_PATH,
}
"""Fleet-wide variables and their defaults; the roles' argument specs say the same (a unit test compares them)."""

_LONGEST_AET = 16
_LONGEST_RESTART = 27  # minutes; every task on a node ends after 30, and it may have to go back

WITHOUT_DEFAULT = ("orthanc_fqdn", "orthanc_peer_user")
"""Fleet-wide variables that may be left out, and then follow from others."""


def value_of(variables: Mapping[str, Any], name: str) -> Any:
    """Return a variable, or its default where it is not set."""
    value = variables.get(name)
    return DEFAULTS.get(name) if value is None else value


def choice_of(host: str, variables: Mapping[str, Any], name: str, choices: Sequence[str]) -> str:
    """Return a variable that must be one of C(choices)."""
    value = value_of(variables, name)
    if value not in choices:
        raise OrthancTlsError(f"{host}: {name} is '{value}'; it must be one of: {', '.join(choices)}.")
    return str(value)


def port_of(host: str, variables: Mapping[str, Any], name: str) -> int:
    """Return a variable that must be a TCP port."""
    value = value_of(variables, name)
    if not str(value).isdecimal() or not 1 <= int(value) <= 65535:
        raise OrthancTlsError(f"{host}: {name} is '{value}'; it must be a TCP port between 1 and 65535.")
    return int(value)


def aet_of(host: str, variables: Mapping[str, Any], name: str) -> str:
    """Return a variable that must be an application entity title; Orthanc does not start with another one."""
    value = str(value_of(variables, name))
    if not 1 <= len(value) <= _LONGEST_AET:
        raise OrthancTlsError(f"{host}: {name} is '{value}'; it must be a text of 1 to {_LONGEST_AET} characters.")
    return value


def texts_of(host: str, variables: Mapping[str, Any], name: str) -> list[str]:
    """Return a variable that must be a list; text is taken for its entries, with commas between them."""
    value = value_of(variables, name)
    if isinstance(value, str) and not value.strip().startswith(("[", "{")):
        return split(value)
    if isinstance(value, (list, tuple)) and not any(entry is None or isinstance(entry, Mapping) for entry in value):
        return [str(entry) for entry in value]
    raise OrthancTlsError(
        f"{host}: {name} is {value!r}; it must be a list, in YAML [a, b], in an INI inventory {name}=a,b or with -e "
        f'\'{{"{name}": ["a", "b"]}}\'.'
    )


def split(text: str) -> list[str]:
    """Return what stands between commas."""
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def mapping_of(host: str, variables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a variable that must be a dictionary; its value may hold passwords, and is not shown."""
    value = value_of(variables, name)
    if isinstance(value, Mapping):
        return value
    kind = "text" if isinstance(value, str) else "a list" if isinstance(value, (list, tuple)) else "no dictionary"
    given = f'-e \'{{"{name}": {{"a": 1}}}}\''
    raise OrthancTlsError(f"{host}: {name} is {kind}; it must be a dictionary, in YAML {{a: 1}}, or with {given}.")


def duration_of(host: str, variables: Mapping[str, Any], name: str, minutes: int) -> int:
    """Return a variable that must be a duration, at most so many minutes, in seconds."""
    try:
        seconds = int(parse_duration(value_of(variables, name), name).total_seconds())
    except OrthancTlsError as error:
        raise OrthancTlsError(f"{host}: {error}") from error
    if seconds > minutes * 60:
        raise OrthancTlsError(f"{host}: {name} is '{value_of(variables, name)}'; expected {minutes}m at most.")
    return seconds


def grace_of(host: str, variables: Mapping[str, Any], name: str, start_timeout: str) -> int:
    """Return a variable that is a duration or 0 for none, in seconds; a restart has to end in time with both."""
    if str(value_of(variables, name)).strip() in ("0", "0m"):
        return 0
    grace = duration_of(host, variables, name, _LONGEST_RESTART)
    if grace + duration_of(host, variables, start_timeout, _LONGEST_RESTART) > _LONGEST_RESTART * 60:
        raise OrthancTlsError(
            f"{host}: {name} is '{value_of(variables, name)}' with {start_timeout} "
            f"'{value_of(variables, start_timeout)}'; "
            f"expected {_LONGEST_RESTART}m at most together. Set a shorter one."
        )
    return grace
