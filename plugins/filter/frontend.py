# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters for the front-end's server files."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.deny_list import deny_list_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.filters import Filters
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.frontends import nginx_lines as own_lines
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.frontends import nginx_names, tls_profiles


def tls_profile(name: str, openssl_version: str) -> dict[str, Any]:
    """Protocols, suites and groups of a profile, as an OpenSSL of that version can keep it."""
    return dataclasses.asdict(tls_profiles.tls_profile(name, openssl_version))


def certificate_hosts(names: Sequence[str]) -> list[str]:
    """Hosts among subject alternative names."""
    return [host for host in map(nginx_names.host_of, names) if host]


def nginx_server_names(names: Sequence[str], addresses: bool = True) -> list[str]:
    """Host names, and addresses if they are wanted, for nginx's C(server_name)."""
    return [nginx_names.server_name(name) for name in names if addresses or not nginx_names.is_address(name)]


def nginx_asked_names(names: Sequence[str]) -> list[str]:
    """Regular expressions of what clients ask for by SNI."""
    return [nginx_names.asked_name(name) for name in names if not nginx_names.is_address(name)]


def nginx_lines(value: Any) -> list[str]:
    """Lines of the user's own, each text whole."""
    return own_lines.nginx_lines(value)


def deny_list(ca_path: str) -> str:
    """The file in which nginx reads what is revoked, for the CA's folder on the control node."""
    return deny_list_of(ca_path)


class FilterModule(Filters):
    """Ansible's entry point."""

    functions = (tls_profile, certificate_hosts, nginx_server_names, nginx_asked_names, nginx_lines, deny_list)
