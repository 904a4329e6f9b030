# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sites of the nginx of a host on which Orthanc was set up by hand (standard library only)."""

from __future__ import annotations

import subprocess
from dataclasses import asdict
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import program as nginx_program
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.servers import servers


def nginx_servers() -> dict[str, Any]:
    """Return C(nginx_servers), none where there is no nginx, and as C(nginx_fault) why they cannot be read."""
    try:
        found = servers(nginx_program.dump()) if nginx_program.versions() else []
    except (OrthancTlsError, OSError, subprocess.SubprocessError) as error:
        return {"nginx_servers": [], "nginx_fault": str(error)}
    return {"nginx_servers": [asdict(server) for server in found], "nginx_fault": ""}
