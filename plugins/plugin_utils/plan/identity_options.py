# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role C(identity) would be asked for a host of the fleet: its own variables, and what the fleet says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.pinned_trust import PinnedTrust, pinned_trust
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

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
        "server_ca_certificates": fleet.server_ca_certificates(host),
        "pinned_clients": list(trust.clients),
        "pinned_servers": list(trust.servers),
    }
    others = {name: _value(f"{_PREFIX}{name}", variables, defaults) for name in specification if name not in known}
    return _checked(host, specification, {**others, **known})


def _value(name: str, variables: Mapping[str, Any], defaults: Mapping[str, Any]) -> Any:
    value = variables.get(name)
    return defaults.get(name) if value is None else value


def _checked(host: str, specification: Mapping[str, Mapping[str, Any]], values: Mapping[str, Any]) -> dict[str, Any]:
    """Check the values under the names of the role's variables, as errors name what users have set."""
    given = {f"{_PREFIX}{name}": value for name, value in values.items() if value is not None}
    result = ArgumentSpecValidator({f"{_PREFIX}{name}": its for name, its in specification.items()}).validate(given)
    if result.error_messages:
        raise OrthancTlsError(f"{host}: {'; '.join(result.error_messages)}")
    return {name.removeprefix(_PREFIX): value for name, value in result.validated_parameters.items()}
