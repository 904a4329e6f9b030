# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of the fleet that a play has otherwise than the inventory.

A play, C(vars_files), a role call and C(import_playbook) give variables to their own tasks alone. Other hosts do not
see them: they would call a host under another name, or by another port, than it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.host_variables import HostVariables
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import DEFAULTS, WITHOUT_DEFAULT

OF_THE_FLEET = (*DEFAULTS, *WITHOUT_DEFAULT)
"""What other hosts, and the verification, must know of a host."""


def refuse_play_variables(
    host: str, of_task: Mapping[str, Any], inventory: Mapping[str, Any], names: Iterable[str] = OF_THE_FLEET
) -> None:
    """Refuse variables that have another value for a host's task than for other hosts.

    What has no value for either of them is left to the code that reads it.
    """
    seen_here, seen_elsewhere = HostVariables(host, of_task), HostVariables(host, inventory)
    differing = {}
    for name in names:
        here, elsewhere = _value(seen_here, name), _value(seen_elsewhere, name)
        if here is not None and (elsewhere is None or here != elsewhere):
            differing[name] = (here, elsewhere)
    if differing:
        raise OrthancTlsError(_refusal(host, differing))


def written_otherwise(of_task: Mapping[str, Any], inventory: Mapping[str, Any]) -> list[str]:
    """Return the variables that a play has written otherwise than the inventory, without reading what they mean."""
    # The last two are named as a whole by a call of the role identity.
    names = (*OF_THE_FLEET, "identity_client_ca_certificates", "identity_server_ca_certificates")
    return [name for name in names if name in of_task and of_task[name] != inventory.get(name)]


def _value(variables: HostVariables, name: str) -> tuple[Any] | None:
    """Return the value; None where there is none to be had."""
    try:
        value = variables.get(name)
    except OrthancTlsError:
        return None
    if name not in DEFAULTS:
        return (value or None,)
    return (DEFAULTS[name] if value is None else value,)


def _refusal(host: str, differing: Mapping[str, tuple[tuple[Any], tuple[Any] | None]]) -> str:
    lines = "; ".join(f"{name}{_shown(here, elsewhere)}" for name, (here, elsewhere) in differing.items())
    return (
        f"{host}: a play gives this host other values than the inventory, and other hosts and the verification see the "
        f"inventory alone: {lines}. Set this in the inventory, its group_vars or host_vars, or with -e, and take it "
        "out of the play, its vars_files, the role call or import_playbook. A value that depends on facts of the host "
        "counts as such a value too."
    )


def _shown(here: tuple[Any], elsewhere: tuple[Any] | None) -> str:
    """Say what was found where that can hold no password."""
    if elsewhere is None:
        return " (the inventory alone gives it no value)"
    if any(isinstance(value, (Mapping, list, tuple)) for (value,) in (here, elsewhere)):
        return ""
    return f" ({_word(here[0])} in the play, {_word(elsewhere[0])} in the inventory)"


def _word(value: Any) -> str:
    return "nothing" if value is None else f"'{value}'"
