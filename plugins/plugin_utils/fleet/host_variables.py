# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of one host as plain values: one that has no value is an error that names host and variable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.template import Templar
from jinja2 import Undefined, UndefinedError

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError


class WithoutValueError(OrthancTlsError):
    """A variable whose template cannot be made, here and now."""


class HostVariables(Mapping[str, Any]):
    """Variables that are read when they are asked for, each as a whole and once, with C(defaults) for those not set.

    A variable that nobody asks for may have no value. Ansible gives a template the parts of a value only one by one,
    and an undefined part would be met where nobody knows its variable any more.
    """

    def __init__(self, host: str, variables: Mapping[str, Any], defaults: Mapping[str, Any] | None = None) -> None:
        self._host = host
        self._variables = variables
        self._defaults = defaults or {}
        self._read: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._read:
            try:
                self._read[name] = _plain(self._found(name))
            except (AnsibleError, UndefinedError) as error:
                raise _without_value(self._host, name, error) from None
        return self._read[name]

    def _found(self, name: str) -> Any:
        try:
            return self._variables[name]
        except KeyError:
            return self._defaults[name]

    def __contains__(self, name: object) -> bool:
        return name in self._variables or name in self._defaults

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._defaults), **dict.fromkeys(self._variables)})

    def __len__(self) -> int:
        return len([*self])


class TaskVariables(Mapping[str, Any]):
    """The variables of a task, which Ansible gives to an action as they are written."""

    def __init__(self, loader: Any, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._templar = Templar(loader=loader, variables=dict(variables))

    def __getitem__(self, name: str) -> Any:
        return self._templar.template(self._variables[name])

    def __contains__(self, name: object) -> bool:
        return name in self._variables

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


def _plain(value: Any) -> Any:
    """Return a value with all of its parts; one that is undefined raises an error."""
    if isinstance(value, Undefined):
        return str(value)  # which raises what is wrong with it
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _without_value(host: str, name: str, error: BaseException) -> WithoutValueError:
    while error.__cause__:
        error = error.__cause__
    what = str(error).rstrip(".")
    if "decrypt" in what.lower():
        what = "a part of it is encrypted with ansible-vault, and no vault password that was given opens it"
    return WithoutValueError(
        f"{host}: the variable {name} has no value: {what}. Correct what it is made of. Only the inventory with its "
        "group_vars, host_vars and vaults counts, and -e: facts of a host and variables of a play do not."
    )
