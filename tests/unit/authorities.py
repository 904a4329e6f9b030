# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CA folders for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.name_constraints import name_constraints
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.new_authority import AuthorityOrder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.states import StateRequest, reach

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime.now(UTC).replace(microsecond=0)
PASSPHRASE = "a passphrase, ünïcode"


def order(
    *,
    key_type: str = "ecdsa-p256",
    lifetime: timedelta = timedelta(days=3650),
    intermediate: bool = False,
    permitted: Sequence[str] = (),
    excluded: Sequence[str] = (),
) -> AuthorityOrder:
    return AuthorityOrder("Test CA", key_type, lifetime, intermediate, name_constraints(permitted, excluded))


def made_folder(parent: Path, wanted: AuthorityOrder | None = None, now: datetime = NOW) -> AuthorityFolder:
    """Make a CA in C(parent/ca)."""
    folder = AuthorityFolder(str(parent / "ca"))
    assert brought(folder, "present", wanted, now=now)
    return folder


def brought(
    folder: AuthorityFolder,
    state: str,
    wanted: AuthorityOrder | None = None,
    *,
    passphrase: str | None = PASSPHRASE,
    generation: str | None = None,
    now: datetime = NOW,
) -> bool:
    """Bring the folder to a state; return whether that changed anything."""
    return reach(folder, StateRequest(state, wanted or order(), passphrase, generation), now)
