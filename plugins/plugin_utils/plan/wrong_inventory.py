# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All values of an inventory that cannot be used, before any host is looked at: each once, with the hosts that have it.

What depends on a node, such as a group of its own, is left to the look. So is a value that cannot be had of a host that
takes no part in the run: its secrets may be somewhere else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_duration
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.host_variables import WithoutValueError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.known_variables import hosts_named
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import external_peer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.play_variables import OF_THE_FLEET
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import mapping_of, texts_of, value_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.orthanc.settings import (
    check_user_settings,
    orthanc_settings,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.host_settings import wrong_settings
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.identity_options import identity_options

_DEPENDED_ON = ("orthanc_fqdn", "orthanc_tls_mode", "orthanc_config")
"""What other variables of a host need to mean anything."""


@dataclass(frozen=True)
class Inventory:
    """The variables of all hosts, the defaults of the roles, and the options of the module C(certificate).

    C(run) are the hosts that take part in the run.
    """

    hostvars: Mapping[str, Mapping[str, Any]]
    groups: Mapping[str, Sequence[str]]
    defaults: Mapping[str, Any]
    identity: Mapping[str, Mapping[str, Any]]
    run: Sequence[str]


def wrong_inventory(inventory: Inventory, hosts: Sequence[str]) -> str:
    """Say what is wrong with the values of these hosts, a line each; empty if nothing is."""
    fleet = Fleet(inventory.hostvars, inventory.groups)
    holders: dict[str, list[str]] = {}
    for host in hosts:
        for line in _lines(_wrong(inventory, fleet, host), in_run=host in inventory.run):
            holder, _colon, what = line.partition(": ")
            of_host = holders.setdefault(what if holder in hosts else line, [])
            if holder in hosts and holder not in of_host:
                of_host.append(holder)
    return "\n".join(f"{hosts_named(of, len(hosts))}: {what}" if of else what for what, of in holders.items())


def _lines(errors: Iterator[OrthancTlsError], *, in_run: bool) -> list[str]:
    """Return the lines of errors of one host, each once."""
    counted = [error for error in errors if in_run or not isinstance(error, WithoutValueError)]
    return list(dict.fromkeys(line for error in counted for line in str(error).splitlines()))


def _wrong(inventory: Inventory, fleet: Fleet, host: str) -> Iterator[OrthancTlsError]:
    of_node = list(_wrong_node(inventory, fleet, host))
    yield from of_node
    variables = fleet.variables(host, inventory.defaults)
    yield from wrong_settings(host, variables)
    yield from _error(lambda: _check_settings(host, variables))
    yield from _wrong_external_peers(host, variables)
    yield from _wrong_ca_dir(host, variables)
    if not of_node:
        yield from _error(lambda: fleet.peers(host, ""))
        yield from _wrong_identity(inventory, fleet, host)
        yield from _error(lambda: _check_whole_settings(fleet, host, variables))


def _wrong_node(inventory: Inventory, fleet: Fleet, host: str) -> Iterator[OrthancTlsError]:
    """Try each variable alone where not all can be used together, as the first error would hide the others."""
    if not list(_error(lambda: fleet.node(host))):
        return
    variables, values = fleet.variables(host), {}
    for name in OF_THE_FLEET:
        try:
            if name in variables:
                values[name] = variables[name]
        except OrthancTlsError as error:
            yield error

    def tried(names: Sequence[str]) -> list[OrthancTlsError]:
        alone = {host: {name: values[name] for name in names if name in values}}
        return list(_error(lambda: Fleet(alone, inventory.groups).node(host)))

    usable = [name for name in _DEPENDED_ON if not tried([name])]
    for names in [*([name] for name in _DEPENDED_ON), *([*usable, name] for name in values), [*values]]:
        yield from tried(names)


def _check_settings(host: str, variables: Mapping[str, Any]) -> None:
    config = mapping_of(host, variables, "orthanc_config")
    check_user_settings(host, config, texts_of(host, variables, "orthanc_unchecked_keys"))


def _check_whole_settings(fleet: Fleet, host: str, variables: Mapping[str, Any]) -> None:
    config = mapping_of(host, variables, "orthanc_config")
    unchecked = texts_of(host, variables, "orthanc_unchecked_keys")
    node = fleet.node(host)
    orthanc_settings(node, fleet.peers(host, ""), config, identity=node.identity_path, unchecked_keys=unchecked)


def _wrong_external_peers(host: str, variables: Mapping[str, Any]) -> Iterator[OrthancTlsError]:
    try:
        peers = mapping_of(host, variables, "orthanc_external_peers")
    except OrthancTlsError:  # which the node has said
        return
    for name, entry in peers.items():
        yield from _error(partial(external_peer, host, str(name), entry, ""))


def _wrong_ca_dir(host: str, variables: Mapping[str, Any]) -> Iterator[OrthancTlsError]:
    try:
        path = value_of(variables, "orthanc_ca_dir")
    except OrthancTlsError as error:
        yield error
        return
    if not path:
        yield OrthancTlsError(f"{host}: orthanc_ca_dir is not set; it must be an absolute path on the control node.")
    elif not os.path.isabs(str(path)):
        what = f"orthanc_ca_dir is '{path}', which is relative; write an absolute path on the control node."
        yield OrthancTlsError(f"{host}: {what}")


def _wrong_identity(inventory: Inventory, fleet: Fleet, host: str) -> Iterator[OrthancTlsError]:
    try:
        options = identity_options(fleet, host, inventory.defaults, inventory.identity)
    except OrthancTlsError as error:
        yield error
        return
    spans = {}
    for name in ("lifetime", "renew_before"):
        try:
            spans[name] = parse_duration(options[name], f"identity_{name}") if options[name] else None
        except OrthancTlsError as error:
            yield OrthancTlsError(f"{host}: {error}")
    lifetime, renew_before = spans.get("lifetime"), spans.get("renew_before")
    if lifetime and renew_before and renew_before >= lifetime:
        yield OrthancTlsError(
            f"{host}: identity_renew_before is '{options['renew_before']}', which is not shorter than "
            f"identity_lifetime ('{options['lifetime']}'): every certificate would be due at once. Set a shorter one."
        )


def _error(check: Callable[[], object]) -> Iterator[OrthancTlsError]:
    """Yield the error that a check ends with."""
    try:
        check()
    except OrthancTlsError as error:
        yield error
