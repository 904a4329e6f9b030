# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring an identity back to its earlier generation and hold it there, hold it where it is, or release it."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.facts import generation_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import Generation, Ownership
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import (
    Hold,
    read_hold,
    remove_hold,
    write_hold,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.result import describe
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import GenerationStore

# Who must own the files is the business of whoever makes a generation.
_ANY_OWNER = Ownership(None, None)


def reach(path: str, state: str, why: str, *, check_mode: bool, now: datetime) -> dict[str, Any]:
    """Bring the identity in C(path) to a state, C(previous), C(held) or C(released); return the module's result."""
    path = os.path.normpath(path)
    store = GenerationStore(path, _ANY_OWNER)
    with store.locked():
        current = store.current()
        if current is None:
            raise OrthancTlsError(f"{path} holds no identity; run site.yml first, or correct path.")
        if state == "released":
            return _release(path, current, check_mode=check_mode, now=now)
        hold = read_hold(path)
        # A run that was killed between the hold and the link is completed.
        if hold is not None and (state == "held" or hold.generation == current.name):
            return _result(path, current, current, hold, changed=False, now=now)
        target = _earlier(store, current, now) if state == "previous" else current
        hold = Hold.begun(target.name, why, now)
        if not check_mode:
            write_hold(path, hold)
            if target is not current:
                store.relink(target)
        return _result(path, current, target, hold, changed=True, now=now)


def _release(path: str, current: Generation, *, check_mode: bool, now: datetime) -> dict[str, Any]:
    held = is_held(path)
    if held and not check_mode:
        remove_hold(path)
    return _result(path, current, current, None, changed=held, now=now)


def is_held(path: str) -> bool:
    """Say whether there is a hold, also one that is damaged."""
    try:
        return read_hold(path) is not None
    except OrthancTlsError:
        return True


def _earlier(store: GenerationStore, current: Generation, now: datetime) -> Generation:
    earlier = store.replaced_by(current)
    if earlier.manifest is None or earlier.manifest.leaf.not_after <= now:
        end = "" if earlier.manifest is None else f" on {utc_text(earlier.manifest.leaf.not_after)}"
        raise OrthancTlsError(
            f"The certificate in {earlier.folder} expired{end}, so that the node cannot go back to it."
        )
    return earlier


def _result(
    path: str, before: Generation, after: Generation, hold: Hold | None, *, changed: bool, now: datetime
) -> dict[str, Any]:
    held = hold.to_arguments() if hold else None
    return {
        "changed": changed,
        "path": path,
        "held": held,
        "identity": generation_facts(after.folder, now),
        "diff": {
            "before_header": path,
            "after_header": path,
            "before": describe(before) | {"generation": before.name},
            "after": describe(after) | {"generation": after.name, "held": held},
        },
    }
