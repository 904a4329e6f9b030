# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role C(identity) would be asked for a host of the fleet: its own variables, and what the fleet says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.pinned_trust import PinnedTrust, pinned_trust
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.role_options import role_options

_PREFIX = "identity_"


def identity_options(
    fleet: Fleet, host: str, defaults: Mapping[str, Any], specification: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the options of C(certificate), each from the variable of the role that has its name.

    C(defaults) are the role's, C(specification) is the module's. A value of another type is an error.
    """
    node, variables = fleet.node(host), fleet.variables(host)
    trust = pinned_trust(fleet, host) if node.issuer.stages_renewals else PinnedTrust((), ())
    known = {
        "path": node.identity_path,
        "issuer": node.issuer.name,
        "ca_path": variables.get("orthanc_ca_dir"),
        "ca_passphrase": variables.get("orthanc_ca_passphrase", ""),
        "common_name": node.fqdn,
        "subject_alt_name": list(node.names),
        "issuer_ca_certificates": fleet.issuer_ca_certificates(host),
        "issuer_command": variables.get("orthanc_issuer_command", []),
        "issuer_timeout": variables.get("orthanc_issuer_timeout", 120),
        "issuer_folder": variables.get("orthanc_issuer_folder", ""),
        "client_ca_certificates": fleet.client_ca_certificates(host),
        "server_ca_certificates": fleet.server_ca_certificates(host),
        "pinned_clients": list(trust.clients),
        "pinned_servers": list(trust.servers),
    }
    return role_options(host, _PREFIX, specification, known, variables, defaults)
