# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of vault variables for the secrets of a hand-made configuration."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError


@dataclass(frozen=True)
class Reference:
    """The place of a secret: the variable of another file that holds it."""

    variable: str


def with_references(
    settings: Mapping[str, Any], paths: Sequence[Sequence[Any]]
) -> tuple[dict[str, Any], dict[str, Sequence[Any]]]:
    """Return the settings with a reference in the place of each secret, and where each variable's value stands."""
    referring: dict[str, Any] = copy.deepcopy(dict(settings))
    secrets: dict[str, Sequence[Any]] = {}
    for path in paths:
        name = _variable(path, secrets)
        secrets[name] = path
        *parents, last = path
        place: Any = referring
        for step in parents:
            place = place[step]
        place[last] = Reference(name)
    return referring, secrets


def vault_variables(secrets: Mapping[str, Sequence[Any]], values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Give each variable its value with its type, out of what C(orthanc_configuration_info) returns with C(secrets)."""
    by_path = {tuple(entry["path"]): entry["value"] for entry in values}
    gone = [".".join(map(str, path)) for path in secrets.values() if tuple(path) not in by_path]
    if gone:
        raise OrthancTlsError(
            f"Orthanc's configuration has no {gone[0]} any more, as it changed while this run went on; nothing was "
            "written. Run adopt.yml again."
        )
    return {name: by_path[tuple(path)] for name, path in secrets.items()}


def _variable(path: Sequence[Any], taken: Mapping[str, Any]) -> str:
    words = "_".join(re.sub(r"[^a-z0-9]+", "_", str(step).lower()).strip("_") for step in path)
    name, number = f"vault_orthanc_{words.removeprefix('orthanc')}", 2
    while name in taken:
        name, number = f"vault_orthanc_{words.removeprefix('orthanc')}_{number}", number + 1
    return name
