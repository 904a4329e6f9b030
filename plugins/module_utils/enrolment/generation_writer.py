# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a generation is written, whoever signed: fill, rehearse, commit, prune (standard library only)."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    MANIFEST,
    SERVER,
    SERVER_TRUST,
    Generation,
    Manifest,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import CURRENT, GenerationStore
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf


def write_generation(
    store: GenerationStore,
    staged: str,
    leaf: Leaf,
    contents: Mapping[str, bytes],
    before: Generation | None,
    *,
    keep: int,
    link: str = CURRENT,
) -> Generation:
    """Fill the folder C(staged) with C(contents), try it in a handshake, and let C(link) name it.

    C(before) is the generation that is live now. Where anything fails, the links stay as they are. Of the generations
    before, C(keep) stay; none is removed as long as nothing is live.
    """
    store.fill(staged, contents)
    _rehearse(store.staged_folder(staged), leaf)
    manifest = Manifest.of(leaf, contents, before.name if before else None)
    store.fill(staged, {MANIFEST: manifest.to_json()})
    generation = store.commit(staged, link)
    if store.is_live():
        store.prune(keep)
    return generation


def _rehearse(folder: str, leaf: Leaf) -> None:
    # Late, as most runs write nothing and need no ssl.
    from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.rehearsal import IdentityFiles, check_identity

    files = IdentityFiles(*(os.path.join(folder, name) for name in (SERVER, CLIENT_TRUST, SERVER_TRUST)))
    check_identity(files, names=leaf.names, usages=leaf.extended_key_usage)
