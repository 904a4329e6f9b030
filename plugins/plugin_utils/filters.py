# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every filter plugin of the collection has in common."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ansible.errors import AnsibleFilterError

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

Filter = Callable[..., Any]


class Filters:
    """Ansible's entry point to functions, each of which is the filter of its name."""

    functions: ClassVar[Sequence[Filter]] = ()

    def filters(self) -> dict[str, Filter]:
        """Return the filters by name; an C(OrthancTlsError) becomes the error of the template."""
        return {function.__name__: _refusing(function) for function in self.functions}


def _refusing(function: Filter) -> Filter:
    @functools.wraps(function)
    def filtered(*arguments: Any, **options: Any) -> Any:
        try:
            return function(*arguments, **options)
        except OrthancTlsError as error:
            raise AnsibleFilterError(str(error)) from error

    return filtered
