# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a CA folder holds, for gates and reports: its authorities and the clients they have certified."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import not_after, not_before
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import name_text
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.authority import Authority
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.issued import facts, newest_clients, read_issued
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.states import authority_facts, state_of


def authority_info(path: str, now: datetime) -> dict[str, Any]:
    """Return the module's result."""
    folder = AuthorityFolder(path)
    folder.check()
    active = folder.active().generation
    authorities = [(authority, "retired") for authority in folder.retired()]
    authorities += [(authority, state_of(authority, active)) for authority in folder.authorities()]
    generations = {name_text(authority.issuing.subject): authority.generation for authority, _state in authorities}
    issued = read_issued(folder.issued_folders())
    return {
        "path": folder.path,
        "authorities": [authority_facts(authority, state) | _life(authority, now) for authority, state in authorities],
        "clients": [facts(client, generations, now) for client in newest_clients(issued)],
        "warnings": issued.strays,
    }


def _life(authority: Authority, now: datetime) -> dict[str, bool]:
    end = not_after(authority.issuing)
    return {"expired": end <= now, "ends_soon": (end - now) * 3 < end - not_before(authority.issuing)}
