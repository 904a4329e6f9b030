# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters on what C(orthanc_configuration_info) found: what becomes of a hand-made configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.answer import checked_answer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.folder import checked_folder, not_read
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.host_vars import host_vars_text
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.secrets import vault_variables
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.variables import adopt
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.filters import Filters
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.inventory import without_facts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain

_COMMENT = "Taken over by adopt.yml from what was configured by hand on {host}. It is yours: change what you like."
_VAULT_COMMENT = (
    "Passwords that adopt.yml found on {host}, and texts in the sections of plugins that may be secrets.\n"
    "Encrypt this file: ansible-vault encrypt {name}"
)


def adopted(
    found: Mapping[str, Any],
    host: str,
    hostvars: Mapping[str, Mapping[str, Any]],
    groups: Mapping[str, Sequence[str]],
    new_certificate: bool = False,
    folder: str | None = None,
) -> dict[str, Any]:
    """What a host's configuration becomes, without any secret."""
    adoption = adopt(
        checked_answer(found, host), host, Fleet(without_facts(hostvars), groups), new_certificate=new_certificate
    )
    return {
        "text": host_vars_text(_COMMENT.format(host=host), adoption.variables),
        "secrets": {name: list(path) for name, path in adoption.secrets.items()},
        "notices": [plain(notice) for notice in adoption.notices] + [*_folder_notices(folder, host, hostvars)],
        "keeps_certificate": "orthanc_server_certificate" in adoption.variables,
        "replaces_certificate": adoption.replaces_certificate,
    }


def adopt_folder(folder: str, host: str) -> str:
    """The folder for a host's variables, if Ansible loses nothing by it."""
    return checked_folder(str(folder), host)


def adopted_vault(
    secrets: Mapping[str, Sequence[str | int]], values: Sequence[Mapping[str, Any]], host: str, name: str
) -> str:
    """The text of the file with a host's passwords."""
    return host_vars_text(_VAULT_COMMENT.format(host=host, name=name), vault_variables(secrets, values))


def _folder_notices(folder: str | None, host: str, hostvars: Mapping[str, Mapping[str, Any]]) -> list[str]:
    variables = hostvars[host]
    bases = [str(variables[name]) for name in ("inventory_dir", "playbook_dir") if variables.get(name)]
    return [] if folder is None else list(not_read(folder, host, bases))


class FilterModule(Filters):
    """Ansible's entry point."""

    functions = (adopt_folder, adopted, adopted_vault)
