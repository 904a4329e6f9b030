# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every filter plugin of the collection has in common."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from ansible.errors import AnsibleFilterError
from jinja2 import pass_context
from jinja2.runtime import Context
from jinja2.utils import missing

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.inventory import overriding_facts, without_facts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.play_variables import refuse_play_variables
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import GROUP

Filter = Callable[..., Any]
_OF_THE_FLEET = "hostvars"
"""The parameter of filters that ask what the inventory says of the fleet."""


class RefusedByFilter(AnsibleFilterError, OrthancTlsError):
    """An error of ours as Ansible expects it of a filter: it is shown once, and is one of ours all the same."""


class Filters:
    """Ansible's entry point to functions, each of which is the filter of its name."""

    functions: ClassVar[Sequence[Filter]] = ()

    def filters(self) -> dict[str, Filter]:
        """Return the filters by name; an C(OrthancTlsError) is the error of the template.

        One that takes C(hostvars) refuses variables of the task's host that its play has otherwise than the inventory.
        """
        return {function.__name__: _refusing(_of_the_fleet(function)) for function in self.functions}


class _TemplateVariables(Mapping[str, Any]):
    """The variables of the template that a filter stands in."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __getitem__(self, name: str) -> Any:
        value = self._context.resolve_or_missing(name)
        if value is missing:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._context.get_all())

    def __len__(self) -> int:
        return len(self._context.get_all())


def _of_the_fleet(function: Filter) -> Filter:
    signature = inspect.signature(function)
    if _OF_THE_FLEET not in signature.parameters:
        return function

    @pass_context
    @functools.wraps(function)
    def checked(context: Context, *arguments: Any, **options: Any) -> Any:
        asked = signature.bind(*arguments, **options).arguments
        host = context.get("inventory_hostname")
        if host in asked["groups"].get(GROUP, ()):
            _compare(host, _TemplateVariables(context), asked[_OF_THE_FLEET])
        return function(*arguments, **options)

    return checked


def _compare(host: str, of_template: Mapping[str, Any], hostvars: Mapping[str, Mapping[str, Any]]) -> None:
    """Where a fact is what differs, no play is to blame: filters read no facts, and actions refuse the host for it."""
    try:
        refuse_play_variables(host, of_template, without_facts(hostvars)[host])
    except OrthancTlsError:
        if not overriding_facts(host, hostvars):
            raise


def _refusing(function: Filter) -> Filter:
    @functools.wraps(function)
    def filtered(*arguments: Any, **options: Any) -> Any:
        try:
            return function(*arguments, **options)
        except OrthancTlsError as error:
            raise RefusedByFilter(str(error)) from None

    return filtered
