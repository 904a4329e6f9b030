# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan takes from a host's own variables: they mean what they say, whether YAML, INI or -e wrote them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.validation import check_type_bool, check_type_int

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import texts_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.frontends.nginx_lines import nginx_lines
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.blocker import Blocker
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import FRONTEND, ORTHANC


@dataclass(frozen=True)
class HostSettings:
    """Variables that concern no other host. C(frontend_http_port) is 0 where the front-end has none for HTTP."""

    orthanc_packages: tuple[str, ...]
    frontend_packages: tuple[str, ...]
    frontend_http_port: int
    replaces_configuration: bool
    trusts_system_cas: bool
    nginx_lines: tuple[str, ...]

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
        """Read a host's variables, which have the roles' defaults; a value of another type is an error."""

        def read(name: str, checked: Callable[[Any], Any]) -> Any:
            try:
                return checked(variables[name])
            except OrthancTlsError as error:
                raise OrthancTlsError(f"{host}: {error}") from error
            except TypeError as error:
                raise OrthancTlsError(
                    f"{host}: {name} is {variables[name]!r}, which cannot be used: {error}."
                ) from error

        return cls(
            tuple(texts_of(host, variables, "orthanc_packages")),
            tuple(texts_of(host, variables, "frontend_packages")),
            read("frontend_http_port", _port_or_none),
            read("orthanc_replace_configuration", check_type_bool),
            read("orthanc_trust_system_cas", check_type_bool),
            tuple(read("frontend_nginx_lines", nginx_lines)),
        )


def _port_or_none(value: Any) -> int:
    port: int = check_type_int(value)
    if not 0 <= port <= 65535:
        raise TypeError("it must be a TCP port up to 65535, or 0 for none")
    return port
