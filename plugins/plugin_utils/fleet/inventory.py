# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says, apart from what nodes say of themselves.

Any module result may carry ``ansible_facts``, and Ansible ranks facts above inventory variables. So the fleet is read
without facts, and a fact that has the name of a variable is an error.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.plugins.loader import cache_loader
from ansible.vars.hostvars import HostVars

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

OWN_PREFIXES = (
    *("orthanc_", "frontend_", "identity_", "ca_", "verify_", "schedule_", "adopt_"),
    *("rotate_", "rollover_", "rollback_", "__"),
    *("client_", "clients_", "revoke_"),
)
"""How the variables of the roles and playbooks begin; a unit test finds any that begin otherwise."""

# Where facts are not injected (ANSIBLE_INJECT_FACT_VARS=False), Ansible itself gives every host this variable.
_OF_EVERY_HOST = {"ansible_local"}

Variables = Mapping[str, Mapping[str, Any]]


def without_facts(hostvars: Variables) -> Variables:
    """Return C(hostvars) as they were without any fact, also in templates that ask for another host's variables.

    A plain mapping, which has no facts, is returned as it is.
    """
    return _factless(hostvars) if isinstance(hostvars, HostVars) else hostvars


def refuse_facts(host: str, hostvars: Variables) -> None:
    """Refuse to work for a host which has a fact that overrides a variable of the inventory, or one of ours."""
    if names := overriding_facts(host, hostvars):
        raise OrthancTlsError(overridden(host, names))


def overriding_facts(host: str, hostvars: Variables) -> list[str]:
    """Return a host's facts that override a variable of the inventory, or one of ours."""
    facts = _facts(host, hostvars) if isinstance(hostvars, HostVars) else set()
    return sorted(_overriding(facts, _factless(hostvars))) if facts and isinstance(hostvars, HostVars) else []


def overridden(host: str, names: Iterable[str]) -> str:
    """Say what is wrong with facts of those names."""
    return (
        f"{host}: the host sent the fact {', '.join(map(repr, names))}, which would override the variable of that "
        "name; what holds for the fleet comes from the inventory alone. The task was stopped. No module of "
        "this collection sends facts, so the host may be compromised: examine it. If a fact cache is in use, delete "
        "what it holds of the host (ansible-playbook --flush-cache). If a play of your own sets this fact, rename it."
    )


def _factless(hostvars: HostVars) -> HostVars:
    manager = copy.copy(hostvars._variable_manager)
    manager._fact_cache = cache_loader.get("memory")
    return HostVars(hostvars._inventory, manager, hostvars._loader)


def _facts(host: str, hostvars: HostVars) -> set[str]:
    """Return the names as the host sent them; in C(ansible_facts) they have lost C(ansible_)."""
    try:
        return set(hostvars._variable_manager._fact_cache.get(host)) - _OF_EVERY_HOST
    except KeyError:
        return set()


def _overriding(facts: set[str], inventory: HostVars) -> set[str]:
    ours = {name for name in facts if name.startswith(OWN_PREFIXES)}
    return ours.union(*(facts & inventory.raw_get(host).keys() for host in inventory))
