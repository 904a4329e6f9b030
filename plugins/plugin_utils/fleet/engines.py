# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web servers that a front-end may be of: one row each, with all that is its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import facts as nginx
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import choice_of


@dataclass(frozen=True)
class Engine:
    """A web server, as Debian packages it.

    C(test) fails where its configuration does not load. C(reload_running) reloads it where it runs, for its other
    sites. C(site) is Orthanc's server file. C(refused_status) is the HTTP status of a client that is not let in.
    """

    name: str
    unit: str
    test: tuple[str, ...]
    reload_running: tuple[str, ...]
    site: str
    access_log: str
    error_log: str
    refused_status: int


ENGINES = {
    "nginx": Engine(
        name="nginx",
        unit=nginx.UNIT,
        test=nginx.TEST,
        reload_running=nginx.RELOAD_RUNNING,
        site=nginx.SITE,
        access_log=nginx.ACCESS_LOG,
        error_log=nginx.ERROR_LOG,
        refused_status=nginx.REFUSED_STATUS,
    )
}


def engine_of(host: str, variables: Mapping[str, Any]) -> Engine:
    """Return the engine of a host's front-end."""
    return ENGINES[choice_of(host, variables, "frontend_engine", tuple(ENGINES))]
