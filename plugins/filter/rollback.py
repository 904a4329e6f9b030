# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters on the name of a host that is to go back: whom that touches, and who objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.deny_list import read_revoked
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.known_issuers import shown, unknown_issuer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.filters import Filters
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.inventory import without_facts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollback_gate import (
    Pairs,
    members,
    objections,
    revoked_in,
)

HostVars = Mapping[str, Mapping[str, Any]]
Groups = Mapping[str, Sequence[str]]


def fleet_pairs(host: str, hostvars: HostVars, groups: Groups) -> dict[str, list[str]]:
    """Who lists a host as a peer, whom it lists, both together, and who must be looked at before it goes back."""
    pairs = _pairs(host, hostvars, groups)
    itself = [host] if host in pairs.otherwise else []
    return {
        "callers": pairs.callers,
        "callees": pairs.callees,
        "peers": pairs.peers,
        "to_look_at": pairs.peers + itself,
    }


def rollback_objections(
    host: str,
    hostvars: HostVars,
    groups: Groups,
    identity: Mapping[str, Any],
    looks: Sequence[Mapping[str, Any]],
    authorities: Sequence[Mapping[str, Any]],
    ca_path: str = "",
) -> list[str]:
    """What speaks against going back to an identity; no C(authorities) where nodes sign for themselves."""
    retired = [ca for ca in authorities if ca["state"] == "retired"]
    issuer = unknown_issuer(identity, authorities) if authorities else None
    unknown = [f"its CA {shown(issuer)} is none of those in the CA folder (orthanc_ca_dir)"] if issuer else []
    seen = {str(look["item"]): {**look["identity"], "served": look["served"]} for look in looks if look.get("identity")}
    revoked = revoked_in(identity, read_revoked(ca_path) if ca_path else [])
    return unknown + revoked + objections(_pairs(host, hostvars, groups), identity, seen, retired)


def _pairs(host: str, hostvars: HostVars, groups: Groups) -> Pairs:
    return Pairs.of(host, Fleet(without_facts(hostvars), groups), members(groups))


class FilterModule(Filters):
    """Ansible's entry point."""

    functions = (fleet_pairs, rollback_objections)
