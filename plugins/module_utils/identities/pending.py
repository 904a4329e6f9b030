# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An order that an issuer answers later: its key and CSR stay in C(<path>/pending) until then (standard library only).

The folder appears whole by one rename, and nothing that removes leftovers looks there.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc, utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import sync_folder, write_file
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import FILE_MODE, KEY
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import GenerationStore
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import Reason

PENDING = "pending"
REQUEST = "request.pem"
ORDER = "order.json"
_LONGEST_WORDS = 400  # characters


@dataclass(frozen=True)
class PendingOrder:
    """An order, by its name: what was asked (C(LeafOrder.sha256)), why and when, and what the issuer said last."""

    name: str
    asked: str
    reason: Reason
    since: datetime
    waits_for: str = ""

    def answered(self, waits_for: str) -> PendingOrder:
        """Return the order with what the issuer says now, in one line."""
        line = " ".join(waits_for.split())
        return replace(self, waits_for=line if len(line) <= _LONGEST_WORDS else f"{line[:_LONGEST_WORDS]} …")

    def to_json(self) -> bytes:
        """Return the text of its file."""
        return json.dumps(vars(self) | {"since": utc_text(self.since)}, indent=2, ensure_ascii=False).encode() + b"\n"

    def shown(self) -> dict[str, str]:
        """Return what is told of it."""
        return {"since": utc_text(self.since), "waits_for": self.waits_for}


def read_pending(path: str) -> PendingOrder | None:
    """Return the order that waits in the identity's folder; C(None) where there is none, or it is damaged."""
    folder = os.path.join(path, PENDING)
    try:
        with open(os.path.join(folder, ORDER), encoding="utf-8") as file:
            found: Mapping[str, Any] = json.load(file)
        order = PendingOrder(**{**found, "reason": Reason(found["reason"]), "since": parse_utc(found["since"])})
    except (OSError, ValueError, KeyError, TypeError, OrthancTlsError):
        return None
    whole = all(os.path.isfile(os.path.join(folder, name)) for name in (KEY, REQUEST))
    return order if whole else None


def pending_file(path: str, name: str) -> bytes:
    """Return the key or the CSR of the order that waits."""
    file_path = os.path.join(path, PENDING, name)
    try:
        with open(file_path, "rb") as file:
            return file.read()
    except OSError as error:
        raise OrthancTlsError(f"{file_path} cannot be read ({error.strerror}); run the task again.") from error


def place(path: str, store: GenerationStore, order: PendingOrder, key: bytes, csr: bytes) -> PendingOrder:
    """Keep a new order with its key, in the place of the former one, and return it by its name."""
    name = store.stage(order.since)
    order, staged, folder = replace(order, name=name), store.staged_folder(name), os.path.join(path, PENDING)
    with store.discarded_on_failure(name):
        store.fill(name, {KEY: key, REQUEST: csr, ORDER: order.to_json()})
        sync_folder(staged)
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(staged, folder)
    sync_folder(path)
    return order


def keep_answer(path: str, order: PendingOrder) -> None:
    """Write down what the issuer said last."""
    file_path = os.path.join(path, PENDING, ORDER)
    status = os.stat(file_path)
    write_file(file_path, order.to_json(), mode=FILE_MODE, owner=status.st_uid, group=status.st_gid)


def remove_pending(path: str) -> None:
    """Forget the order that waits, if any, with its key."""
    shutil.rmtree(os.path.join(path, PENDING), ignore_errors=True)
