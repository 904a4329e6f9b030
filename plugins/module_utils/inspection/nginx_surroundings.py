# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nginx that a server file joins: its version, its other sites, and who holds the ports (standard library only)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.nginx_sites import nginx_sites
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.port_holders import holders


def site_facts(site: str, ports: Collection[int]) -> dict[str, Any]:
    """Return the result of C(nginx_info); without nginx nobody is asked who holds the ports.

    Raises where nginx's own configuration does not load.
    """
    nginx = nginx_sites(site, ports)
    if nginx.fault:
        raise OrthancTlsError(nginx.fault)
    facts = asdict(nginx)
    del facts["fault"]
    found = holders(ports) if nginx.installed else []
    return {**facts, "port_holders": [asdict(holder) for holder in found]}
