# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a module as the variables of the role that calls it have them, where no role runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError


def role_options(
    host: str,
    prefix: str,
    specification: Mapping[str, Mapping[str, Any]],
    known: Mapping[str, Any],
    variables: Mapping[str, Any],
    defaults: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the options of a module, each that is not C(known) from the role's variable of its name.

    A value of another type is an error that names the variable.
    """
    others = {name: _value(f"{prefix}{name}", variables, defaults) for name in specification if name not in known}
    given = {f"{prefix}{name}": value for name, value in {**others, **known}.items() if value is not None}
    result = ArgumentSpecValidator({f"{prefix}{name}": its for name, its in specification.items()}).validate(given)
    if result.error_messages:
        raise OrthancTlsError(f"{host}: {'; '.join(result.error_messages)}")
    return {name.removeprefix(prefix): value for name, value in result.validated_parameters.items()}


def _value(name: str, variables: Mapping[str, Any], defaults: Mapping[str, Any]) -> Any:
    value = variables.get(name)
    return defaults.get(name) if value is None else value
