# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan takes from a host's own variables: they mean what they say, whether YAML, INI or -e wrote them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.validation import check_type_bool, check_type_int

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import choice_of, texts_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.frontends.nginx_lines import nginx_lines
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.frontends.tls_profiles import PROFILES
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.blocker import Blocker
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.metrics_folder import metrics_dir
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import FRONTEND, ORTHANC

_Reader = Callable[[str, Mapping[str, Any], str], Any]
_SIZE = re.compile(r"[0-9]+[kmgKMG]?")


@dataclass(frozen=True)
class HostSettings:
    """Variables that concern no other host. C(frontend_http_port) is 0 where the front-end has none for HTTP."""

    orthanc_packages: tuple[str, ...]
    frontend_packages: tuple[str, ...]
    frontend_http_port: int
    replaces_configuration: bool
    trusts_system_cas: bool
    tls_profile: str
    max_body_size: str
    nginx_lines: tuple[str, ...]
    metrics_dir: str

    def blockers(self, node: Node) -> list[Blocker]:
        """Return what of these variables cannot be for a node that is as the inventory says."""
        if not (self.trusts_system_cas and node.asks_clients_itself):
            return []
        return [
            Blocker(
                "orthanc_trust_system_cas is true, and this Orthanc asks clients for certificates itself: clients of "
                "every CA in the system's store would come in.",
                "Set it to false for this host, and name /etc/ssl/certs/ca-certificates.crt in the scripts and plugins "
                "that need it; or set orthanc_tls_mode: frontend.",
            )
        ]

    def packages(self, node: Node, part: str | None = None) -> tuple[str, ...]:
        """Return the packages of a node, or of one service of it, the C(part)."""
        has_frontend = node.tls_mode == FRONTEND and part != ORTHANC
        return (() if part == FRONTEND else self.orthanc_packages) + (self.frontend_packages if has_frontend else ())

    @classmethod
    def of(cls, host: str, variables: Mapping[str, Any]) -> HostSettings:
        """Read a host's variables with the roles' defaults; all that cannot be used are the lines of one error."""
        if wrong := wrong_settings(host, variables):
            raise OrthancTlsError("\n".join(map(str, wrong)))
        return cls(**{field: read(host, variables, name) for field, (name, read) in _READERS.items()})


def wrong_settings(host: str, variables: Mapping[str, Any]) -> list[OrthancTlsError]:
    """Return an error for each of these variables of a host that cannot be used."""
    wrong = []
    for name, read in _READERS.values():
        try:
            read(host, variables, name)
        except OrthancTlsError as error:
            wrong.append(error)
    return wrong


def _checked(check: Callable[[Any], Any]) -> _Reader:
    """Return a reader of a variable that C(check) takes."""

    def read(host: str, variables: Mapping[str, Any], name: str) -> Any:
        value = variables[name]
        try:
            return check(value)
        except OrthancTlsError as error:
            raise OrthancTlsError(f"{host}: {error}") from error
        except TypeError as error:
            raise OrthancTlsError(f"{host}: {name} is {value!r}, which cannot be used: {error}.") from error

    return read


def _texts(host: str, variables: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(texts_of(host, variables, name))


def _profile(host: str, variables: Mapping[str, Any], name: str) -> str:
    return choice_of(host, variables, name, [*PROFILES])


def _port_or_none(value: Any) -> int:
    port: int = check_type_int(value)
    if not 0 <= port <= 65535:
        raise TypeError("it must be a TCP port up to 65535, or 0 for none")
    return port


def _body_size(value: Any) -> str:
    if not _SIZE.fullmatch(str(value)):
        raise TypeError("it must be a number of bytes, with k, m or g after it for larger units, or 0 for no limit")
    return str(value)


def _lines(value: Any) -> tuple[str, ...]:
    return tuple(nginx_lines(value))


_READERS: dict[str, tuple[str, _Reader]] = {
    "orthanc_packages": ("orthanc_packages", _texts),
    "frontend_packages": ("frontend_packages", _texts),
    "frontend_http_port": ("frontend_http_port", _checked(_port_or_none)),
    "replaces_configuration": ("orthanc_replace_configuration", _checked(check_type_bool)),
    "trusts_system_cas": ("orthanc_trust_system_cas", _checked(check_type_bool)),
    "tls_profile": ("frontend_tls_profile", _profile),
    "max_body_size": ("frontend_max_body_size", _checked(_body_size)),
    "nginx_lines": ("frontend_nginx_lines", _checked(_lines)),
    "metrics_dir": ("orthanc_metrics_dir", _checked(metrics_dir)),
}
"""By the field of C(HostSettings), the variable and how it is read."""
