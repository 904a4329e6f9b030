# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles would make of a host's variables, before any role runs: their defaults, and their templates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.loader import lookup_loader

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_ROLES = Path(__file__).resolve().parents[2] / "roles"


class RoleTemplates:
    """The templates of some roles, with the variables of one host."""

    def __init__(self, action: Any, names: tuple[str, ...], variables: Mapping[str, Any]) -> None:
        """Take the action plugin that renders them, and the variables of its task."""
        self._loader = action._loader
        self._lookup = lookup_loader.get("ansible.builtin.template", loader=self._loader, templar=action._templar)
        self.defaults = self._files(names, "defaults")
        self._own = self._files(names, "vars")
        self._variables = variables

    def render(self, role: str, template: str, **known: Any) -> str:
        """Return a template's text; C(known) are the variables that the role's tasks would have set by then."""
        variables = {**self.defaults, **self._variables, **self._own, **known}
        try:
            (text,) = self._lookup.run([str(_ROLES / role / "templates" / template)], variables=variables)
        except AnsibleError as error:
            raise _ours(error) from None
        return str(text)

    def _files(self, names: tuple[str, ...], folder: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in names:
            file = _ROLES / name / folder / "main.yml"
            if file.exists():
                found.update(self._loader.load_from_file(str(file), trusted_as_template=True))
        return found


def _ours(error: BaseException) -> OrthancTlsError:
    """Return the error that began it, where it is one of ours: it names host and variable, and quotes no secret."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OrthancTlsError):
            return OrthancTlsError(cause.args[0])  # to Ansible, its text holds those of its causes as well
        cause = cause.__cause__
    return OrthancTlsError(str(error))
