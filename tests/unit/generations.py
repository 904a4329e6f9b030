# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generations of made-up files for tests of how they are kept."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    MANIFEST,
    SERVER_TRUST,
    Generation,
    Manifest,
    Ownership,
    leaf_files,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import CURRENT, GenerationStore
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf

MINE = Ownership(os.getuid(), os.getgid())
NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
LEAF = Leaf("a", ["DNS:a"], ["clientAuth"], "ecdsa-p256", NOW, NOW + timedelta(days=1), "f" * 64, "e" * 64, "CN=x", "d")
CONTENTS = {**leaf_files(b"key", b"cert", b"chain"), CLIENT_TRUST: b"clients", SERVER_TRUST: b"servers"}


def filled(store: GenerationStore, now: datetime = NOW) -> str:
    """Stage a whole generation, and return its name."""
    name = store.stage(now)
    store.fill(name, {**CONTENTS, MANIFEST: Manifest.of(LEAF, CONTENTS).to_json()})
    return name


def made(store: GenerationStore, now: datetime = NOW, link: str = CURRENT) -> Generation:
    """Make a whole generation and let it be the current one, or the one that waits."""
    return store.commit(filled(store, now), link)


def current(store: GenerationStore) -> Generation:
    generation = store.current()
    assert generation is not None
    return generation
