# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of one host, as its certificate has them and as others reach it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import canonical_names
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import texts_of


def general_name(name: str) -> str:
    """A host name or address as a subject alternative name."""
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"


def fqdn_of(host: str, variables: Mapping[str, Any]) -> str:
    """The name under which a host is reached; not every name of an inventory can be one."""
    given = variables.get("orthanc_fqdn")
    if given:
        _check_name(f"{host}: orthanc_fqdn", general_name(str(given)))
        return str(given)
    try:
        _check_name(host, general_name(host))
    except OrthancTlsError as error:
        raise OrthancTlsError(
            f"{error} It is the host's name in the inventory. Set orthanc_fqdn for this host to the name under which "
            "it is reached, or rename the host."
        ) from error
    return host


def names_of_node(host: str, fqdn: str, variables: Mapping[str, Any], mode: str) -> tuple[str, ...]:
    """Every name of a host as a subject alternative name, its fqdn first."""
    by_variable = {
        "frontend_server_names": [general_name(name) for name in served_names(host, variables, mode)],
        "orthanc_subject_alt_names": texts_of(host, variables, "orthanc_subject_alt_names"),
    }
    for variable, names in by_variable.items():
        for name in names:
            _check_name(f"{host}: {variable}", name, allow_wildcard=True)  # which the certificate's order decides on
    return tuple(dict.fromkeys([general_name(fqdn), *(name for names in by_variable.values() for name in names)]))


def served_names(host: str, variables: Mapping[str, Any], mode: str) -> list[str]:
    """The further names that a front-end serves."""
    return [] if mode == "builtin" else texts_of(host, variables, "frontend_server_names")


def _check_name(where: str, name: str, *, allow_wildcard: bool = False) -> None:
    try:
        canonical_names(None, [name], allow_wildcard=allow_wildcard)
    except OrthancTlsError as error:
        raise OrthancTlsError(f"{where}: {error}") from error
