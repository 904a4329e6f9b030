# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of certificates that two hosts have in common: each could pass for the other.

Who owns a name is told by the inventory alone, as a node that asks for a certificate cannot be believed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import canonical_names
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.known_issuers import some
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.host_names import general_name
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import value_of


def shared_names(variables: Mapping[str, Mapping[str, Any]]) -> str:
    """What to say of names that several of these hosts have; empty if there are none.

    What cannot be read as a name, or not at all, is left out: it is an error of that host once its certificate is due.
    """
    holders: dict[str, dict[str, str]] = {}
    for host, its in variables.items():
        for name, where in _names(host, its):
            holders.setdefault(name, {}).setdefault(host, where)
    for name, wildcard in _covered(holders):
        holders[name] = {host: f"{where}, {wildcard}" for host, where in holders[wildcard].items()} | holders[name]
    shared = {name: hosts for name, hosts in sorted(holders.items()) if len(hosts) > 1}
    if not shared:
        return ""
    lines = [
        f"  {name}: {some([f'{host} ({where})' for host, where in hosts.items()])}" for name, hosts in shared.items()
    ]
    return (
        "Hosts share names of their certificates, so that each could pass for the other:\n"
        + "\n".join(lines)
        + "\nGive each host names of its own. A name under which several hosts answer belongs to a certificate of the "
        "load balancer before them."
    )


def _names(host: str, variables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each name that the host's certificate has, in its canonical spelling, and the variable that says so."""
    for variable in ("orthanc_fqdn", "frontend_server_names", "orthanc_subject_alt_names"):
        try:
            written = list(_written(host, variables, variable))
        except AnsibleError:
            continue
        for name, where in written:
            try:
                (canonical,) = canonical_names(None, [name], allow_wildcard=True)[1]
            except OrthancTlsError:
                continue
            if not _of_every_machine(canonical):
                yield canonical, where


def _written(host: str, variables: Mapping[str, Any], variable: str) -> Iterator[tuple[str, str]]:
    if variable == "orthanc_fqdn":
        fqdn = variables.get(variable)
        yield general_name(str(fqdn or host)), variable if fqdn else "inventory name"
        return
    by_kind = variable == "orthanc_subject_alt_names"
    if not by_kind and value_of(variables, "orthanc_tls_mode") != "frontend":
        return
    value = value_of(variables, variable)
    for name in [value] if isinstance(value, str) else value if isinstance(value, (list, tuple)) else []:
        yield (str(name) if by_kind else general_name(str(name))), variable


def _covered(holders: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    """Return each name with the wildcard, of any host, that stands for it (RFC 9525 section 6.3)."""
    parents = {wildcard.removeprefix("DNS:*."): wildcard for wildcard in holders if wildcard.startswith("DNS:*.")}
    named = [name for name in holders if name.startswith("DNS:") and not name.startswith("DNS:*.")]
    return [(name, parents[parent]) for name in named if (parent := name.partition(".")[2]) in parents]


def _of_every_machine(name: str) -> bool:
    """Say whether every machine calls itself so: nobody else can be reached by it."""
    kind, value = name.split(":", 1)
    if kind == "IP":
        return ipaddress.ip_address(value).is_loopback
    return kind == "DNS" and (value == "localhost" or value.endswith(".localhost"))
