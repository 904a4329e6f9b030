# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of a generation folder on a node: its certificates, its trust lists, and whether it is as it was written."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    FULLCHAIN,
    MANIFEST,
    SERVER_TRUST,
    Generation,
    Ownership,
    read_generation,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import HELD, Hold, read_hold
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import CURRENT, GenerationStore
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.facts import pem_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.pem import Source

# Whoever looks need not know who must own the files; modes and hashes are compared all the same.
_ANY_OWNER = Ownership(None, None)


def generation_facts(folder: str, now: datetime) -> dict[str, Any]:
    """Return the facts of a generation, or of the current one of an identity's folder.

    A file that is not what the manifest says is no error: it is listed in C(faults).
    """
    generation = _generation(folder)
    faults = dict(generation.faults)
    certificates, client_trust, server_trust = (
        _certificates(generation, name, now, faults) for name in (FULLCHAIN, CLIENT_TRUST, SERVER_TRUST)
    )
    return {
        "held": _held(folder),
        "certificates": certificates,
        "client_trust": client_trust,
        "server_trust": server_trust,
        "generation": {
            "name": generation.name,
            "path": generation.folder,
            "matches_manifest": not faults,
            "faults": faults,
            "trust_sha256": generation.manifest.trust_sha256 if generation.manifest else None,
        },
    }


def _generation(folder: str) -> Generation:
    if os.path.lexists(os.path.join(folder, CURRENT)):
        generation = GenerationStore(folder, _ANY_OWNER).current()
        if generation is not None:
            return generation
    if os.path.lexists(os.path.join(folder, MANIFEST)):
        # `current` itself may be named; the generation has the name of the folder behind it.
        return read_generation(os.path.realpath(folder), _ANY_OWNER)
    raise OrthancTlsError(
        f"{folder} is no identity's folder: it has neither '{CURRENT}' nor '{MANIFEST}'; "
        "name such a folder, such as /etc/orthanc/tls, or a PEM file."
    )


def _held(folder: str) -> dict[str, str] | None:
    """Return the hold on the identity, where this user may read it; what is damaged holds all the same."""
    file = os.path.join(folder, HELD)
    try:
        hold = read_hold(folder)
    except OrthancTlsError as error:
        if not os.access(file, os.R_OK):
            return None
        hold = Hold("unknown", datetime.fromtimestamp(int(os.stat(file).st_mtime), UTC), str(error))
    return hold.to_arguments() if hold else None


def _certificates(generation: Generation, name: str, now: datetime, faults: dict[str, str]) -> list[dict[str, Any]]:
    path = os.path.join(generation.folder, name)
    try:
        facts: list[dict[str, Any]] = pem_facts(Source(path, generation.read(name)), now)["certificates"]
    except OrthancTlsError as error:
        faults.setdefault(name, str(error))
        return []
    return facts
