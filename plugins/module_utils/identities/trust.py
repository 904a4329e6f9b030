# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let an identity trust further certificates, with key and leaf as they are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    CLIENT_TRUST,
    LEAF_FILES,
    MANIFEST,
    SERVER_TRUST,
    TRUST_FILES,
    Generation,
    Manifest,
    Ownership,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import read_hold
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.result import describe
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import GenerationStore
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.trust_bundle import certificates_in, merged

_OPTIONS = {CLIENT_TRUST: "client_certificates", SERVER_TRUST: "server_certificates"}


def further_trust(options: Mapping[str, Any]) -> dict[str, bytes]:
    """Return by bundle what the task adds to it; an entry without a certificate is an error."""
    for option in _OPTIONS.values():
        for number, text in enumerate(options[option], start=1):
            if not certificates_in(text.encode()):
                raise OrthancTlsError(f"{option}, entry {number}, holds no certificate; expected is PEM text.")
    return {bundle: "\n".join(options[option]).encode() for bundle, option in _OPTIONS.items()}


def extend(path: str, further: Mapping[str, bytes], *, check_mode: bool, now: datetime) -> dict[str, Any]:
    """Add C(further) certificates to the trust bundles of that name; return the module's result.

    The new generation belongs to whom the present one belongs. A hold, or damage, is an error: another run mends it.
    """
    path = os.path.normpath(path)
    store = GenerationStore(path, _owner(path))
    with store.locked():
        current, manifest = _whole(path, store.current())
        present = {name: current.read(name) for name in TRUST_FILES}
        trust = {name: merged(present[name], further.get(name, b"")) for name in TRUST_FILES}
        if all(merged(present[name]) == trust[name] for name in TRUST_FILES):
            return _result(path, current, current)
        contents = {**{name: current.read(name) for name in LEAF_FILES}, **trust}
        wanted = Manifest.of(manifest.leaf, contents, current.name)
        if check_mode:
            return _result(path, current, Generation(current.folder, wanted, {}))
        staged = store.stage(now)
        with store.discarded_on_failure(staged):
            store.fill(staged, {**contents, MANIFEST: wanted.to_json()})
            return _result(path, current, store.commit(staged))


def _whole(path: str, current: Generation | None) -> tuple[Generation, Manifest]:
    if current is None:
        raise OrthancTlsError(f"{path} holds no identity; run site.yml for this host first, or correct path.")
    if current.faults or current.manifest is None:
        faults = "; ".join(f"{what} {fault}" for what, fault in current.faults.items())
        raise OrthancTlsError(f"{current.folder} is damaged ({faults}); run site.yml for this host first.")
    hold = read_hold(path)
    if hold is not None:
        raise OrthancTlsError(f"{path} is held at {hold.generation} since {hold.since}; release it first.")
    return current, current.manifest


def _owner(path: str) -> Ownership:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return Ownership(None, None)
    return Ownership(status.st_uid, status.st_gid)


def _result(path: str, before: Generation, after: Generation) -> dict[str, Any]:
    return {
        "changed": before is not after,
        "path": path,
        "generation": after.name,
        "trust_sha256": after.manifest.trust_sha256 if after.manifest else None,
        "diff": {
            "before_header": path,
            "after_header": path,
            "before": describe(before),
            "after": describe(after),
        },
    }
