# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters on what nodes hold: whether the CA folder's CAs have issued it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca import known_issuers
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.filters import Filters


def ca_in_use(
    hosts: Sequence[str], looks: Mapping[str, Mapping[str, Any]], others: Sequence[Mapping[str, Any]] = ()
) -> list[str]:
    """Which of the hosts hold a certificate of a CA, in words."""
    elsewhere = {str(look["item"]): look for look in others if not look.get("unreachable")}
    seen = {**elsewhere, **looks}
    return known_issuers.in_use({host: seen.get(host) for host in hosts})


def unknown_issuer(identity: Mapping[str, Any], authorities: Sequence[Mapping[str, Any]]) -> str:
    """The CA that issued an identity where it is none of the CA folder's, as it may be printed; else empty."""
    issuer = known_issuers.unknown_issuer(identity if identity.get("certificates") else None, authorities)
    return known_issuers.shown(issuer) if issuer else ""


class FilterModule(Filters):
    """Ansible's entry point."""

    functions = (ca_in_use, unknown_issuer)
