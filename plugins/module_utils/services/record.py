# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of what a service was last seen healthy with (standard library only).

C(<path>/last -> <entry>), and C(<path>/<entry>/) with C(record.json) and one copy per file. An entry is filled before
the link is swapped to it, so that whoever is killed wherever leaves the old record or the new one.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import make_folder, swap_link, write_file
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.state import (
    FILE,
    LINK,
    MISSING,
    FileState,
    SeenFile,
    digest,
    put,
    see,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.hold import Hold, write_hold
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import CURRENT
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.state import ServiceState, service_state

_ENTRY = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


@dataclass(frozen=True)
class Record:
    """What was recorded: the service, systemd's identifier of that start, and the files, with copies in C(folder).

    C(probes) are those that were answered, to ask again after the files were put back. There are none where a service
    was recorded as it was found; earlier versions kept no probes, which is C(None).
    """

    service: str
    invocation: str
    files: dict[str, FileState]
    folder: str
    probes: list[dict[str, Any]] | None = field(repr=False)

    def contents(self, path: str) -> bytes:
        """Read the copy of a file; a link and a missing file have none."""
        if self.files[path].kind != FILE:
            return b""
        copy = os.path.join(self.folder, str(list(self.files).index(path)))
        seen = see(copy)
        if digest(seen.contents) != self.files[path].sha256:
            raise OrthancTlsError(f"{copy}, the recorded copy of {path}, is damaged; nothing was put back.")
        return seen.contents


def compare(folder: str, service: str, paths: Sequence[str] | None) -> dict[str, Any]:
    """Compare what is there with the record, and return the task's result."""
    record = _read(folder, service)
    paths = _paths(paths, record, folder, service)
    state = service_state(service)
    differs = _differences(record, state, service, {path: see(path) for path in paths})
    return {"changed": False, "recorded": record is not None, "differs": differs, "service_state": state.state}


def write(
    folder: str,
    service: str,
    paths: Sequence[str] | None,
    probes: Sequence[Mapping[str, Any]] = (),
    *,
    check_mode: bool,
) -> dict[str, Any]:
    """Record what is there as what the service is healthy with, as C(probes) have shown; return the task's result.

    A service that does not run is no healthy service: an error, but in check mode.
    """
    state = service_state(service)
    if not state.running and not check_mode:
        raise OrthancTlsError(f"{service} does not run ({state.state}), so its files are not recorded as healthy.")
    record = _read(folder, service)
    paths = _paths(paths, record, folder, service)
    seen = {path: see(path) for path in paths}
    changed = record is None or list(record.files) != list(paths) or bool(_differences(record, state, service, seen))
    if changed and not check_mode:
        _store(folder, service, state.invocation, seen, probes)
    before = record.files if record else {}
    return {
        "changed": changed,
        "recorded": record is not None or not check_mode,
        "service_state": state.state,
        "diff": _diff(before, {path: seen[path].state for path in paths} if changed else before),
    }


def restore(
    folder: str, service: str, *, check_mode: bool, identity: str | None = None, why: str = ""
) -> dict[str, Any]:
    """Put back what the service was last seen healthy with, and return the task's result.

    Where the live generation of C(identity) is put back, the identity is held there, so that no later run tries the
    other one again by itself.
    """
    record = _read(folder, service)
    if record is None:
        return {"changed": False, "recorded": False, "restored": False, "held": False, "files": [], "probes": None}
    before = {path: see(path).state for path in record.files}
    contents = {path: record.contents(path) for path, state in record.files.items() if state != before[path]}
    _check_targets(record, list(contents))
    held = _generation_to_hold(record, list(contents), identity)
    if not check_mode:
        if identity and held:
            write_hold(identity, Hold.begun(held, why, datetime.now(UTC)))
        for path in contents:
            put(path, record.files[path], contents[path])
    return {
        "changed": bool(contents),
        "recorded": True,
        "restored": True,
        "held": held is not None,
        "files": list(contents),
        "probes": record.probes,
        "diff": _diff(before, record.files),
    }


def is_there(folder: str) -> bool:
    """Whether there is a record, in whatever state it is."""
    return os.path.lexists(folder)


def forget(folder: str) -> None:
    """Remove a record."""
    if os.path.lexists(folder):
        shutil.rmtree(folder)


def _paths(paths: Sequence[str] | None, record: Record | None, folder: str, service: str) -> Sequence[str]:
    if paths is not None:
        return paths
    if record is None:
        raise OrthancTlsError(f"{folder} holds no record of {service}, and files is left out; name them.")
    return list(record.files)


def _differences(
    record: Record | None, state: ServiceState, service: str, seen: dict[str, SeenFile]
) -> list[dict[str, str]]:
    reasons = {path: _difference(record, state, path, file) for path, file in seen.items()}
    if not state.running:
        reasons[service] = "service not running"
    return [{"path": path, "why": why} for path, why in reasons.items() if why]


def _difference(record: Record | None, state: ServiceState, path: str, seen: SeenFile) -> str | None:
    if record is None or path not in record.files:
        return "no record"
    if seen.state != record.files[path]:
        return "missing" if seen.state.kind == MISSING else "changed"
    # Another start than the recorded one, by a reboot or by hand, read the files as they were then.
    if state.running and state.invocation != record.invocation and seen.changed_at > state.started:
        return "changed after the service started"
    return None


def _generation_to_hold(record: Record, paths: Sequence[str], identity: str | None) -> str | None:
    """Return the generation that is put back; C(None) where it is not the identity that goes back."""
    link = os.path.join(identity or "", CURRENT)
    if identity is None or link not in paths or record.files[link].kind != LINK:
        return None
    return os.path.basename(record.files[link].target)


def _check_targets(record: Record, paths: Sequence[str]) -> None:
    for path in paths:
        state = record.files[path]
        if state.kind == LINK and not os.path.exists(os.path.join(os.path.dirname(path), state.target)):
            raise OrthancTlsError(
                f"{path} pointed to {state.target} when {record.service} was last seen healthy, and that is gone; "
                "nothing was put back."
            )


def _read(folder: str, service: str) -> Record | None:
    """Read the record; none where there is none, others could have written it, it is of another service, or damaged."""
    if not _is_private(folder):
        return None
    entry = os.path.join(folder, "last")
    try:
        with open(os.path.join(entry, "record.json"), encoding="utf-8") as file:
            data = json.load(file)
        record = Record(
            data["service"],
            data["invocation"],
            {path: FileState(**state) for path, state in data["files"].items()},
            os.path.realpath(entry),
            data.get("probes"),
        )
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return record if record.service == service else None


def _is_private(folder: str) -> bool:
    try:
        status = os.lstat(folder)
    except FileNotFoundError:
        return False
    return status.st_mode == stat.S_IFDIR | 0o700 and status.st_uid == os.geteuid()


def _store(
    folder: str, service: str, invocation: str, seen: dict[str, SeenFile], probes: Sequence[Mapping[str, Any]]
) -> None:
    make_folder(folder, 0o700, os.geteuid())
    name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{secrets.token_hex(4)}"
    entry = os.path.join(folder, name)
    make_folder(entry, 0o700)
    for number, file in enumerate(seen.values()):
        if file.state.kind == FILE:
            write_file(os.path.join(entry, str(number)), file.contents, mode=0o600)
    files = {path: asdict(file.state) for path, file in seen.items()}
    record = {"service": service, "invocation": invocation, "files": files, "probes": [*map(dict, probes)]}
    write_file(os.path.join(entry, "record.json"), json.dumps(record, indent=2).encode(), mode=0o600)
    swap_link(os.path.join(folder, "last"), name)
    _clear(folder, name)


def _clear(folder: str, keep: str) -> None:
    """Remove earlier entries, and what killed runs left."""
    for name in os.listdir(folder):
        if name != keep and _ENTRY.fullmatch(name):
            shutil.rmtree(os.path.join(folder, name))
        elif name.startswith(".last."):
            os.unlink(os.path.join(folder, name))


def _diff(before: dict[str, FileState], after: dict[str, FileState]) -> dict[str, str]:
    return {"before": _described(before), "after": _described(after)}


def _described(files: dict[str, FileState]) -> str:
    return "".join(f"{path}: {state}\n" for path, state in files.items())
