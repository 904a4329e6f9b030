# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All clients of the inventory at once: each gets its folder, and who left the inventory is named."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc, utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import make_folder
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.holders import CLIENT, holder_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf import Leaf
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.issued import newest_clients, read_issued
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.place import check_closed
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.revocation import revoked_name
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.enrolment import enrol
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.files import ClientFolder, Passphrases
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.letter import Letter, put_letter
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.names import folder_names
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.order import ClientOrder

_WIDTH = 76
_SHOWN = ("changed", "renewed", "reason", "path", "not_after", "fingerprint_sha256", "pkcs12_encrypted")


@dataclass(frozen=True)
class ClientsTask:
    """What a task asks for; C(common) are the options that all clients share, C(url) is where they can try it."""

    path: str
    clients: Sequence[Mapping[str, Any]]
    common: Mapping[str, Any]
    url: str
    reissue: Collection[str] = ()


def enrol_all(task: ClientsTask, *, check_mode: bool, now: datetime) -> dict[str, Any]:
    """Make and renew what is due. One client that cannot have its files keeps no other from them."""
    folders = folder_names(client["name"] for client in task.clients)
    _check_path(task.path)
    if task.clients and not check_mode:
        make_folder(task.path, 0o700)
    done, faults, warnings = [], [], []
    revoked = [name for name in folders if _is_revoked(task, name, now) and name not in task.reissue]
    for client in (client for client in task.clients if client["name"] not in revoked):
        try:
            result = _one(task, client, folders[client["name"]], check_mode=check_mode, now=now)
        except OrthancTlsError as error:
            faults.append(f"{client['name']}: {error}")
            continue
        warnings += result.pop("warnings")
        done.append(result)
    left = _left(task, now)
    result = {
        "changed": any(one["changed"] for one in done),
        "clients": done,
        "left": left,
        "warnings": warnings,
        "lines": _lines(done, left, revoked, check_mode=check_mode),
    }
    return result if not faults else result | {"failed": True, "msg": _failure(faults)}


def _one(
    task: ClientsTask, client: Mapping[str, Any], folder: str, *, check_mode: bool, now: datetime
) -> dict[str, Any]:
    options = {
        **task.common,
        **{name: value for name, value in client.items() if name not in ("name", "kind", "compatibility")},
        "path": os.path.join(task.path, folder),
        "common_name": client["name"],
        "pkcs12_compatibility": client["compatibility"],
        "force": _is_revoked(task, client["name"], now) and client["name"] in task.reissue,
    }
    result = enrol(options, check_mode=check_mode, now=now)
    leaf = None if check_mode and result["renewed"] else _leaf(options, check_mode=check_mode)
    if leaf is not None:
        letter = Letter(client["name"], client["kind"], leaf, result["pkcs12_encrypted"], task.url)
        result["changed"] |= put_letter(result["path"], letter, check_mode=check_mode)
    shown = {name: result[name] for name in _SHOWN}
    return {"name": client["name"], "kind": client["kind"], **shown, "warnings": result["warnings"]}


def _is_revoked(task: ClientsTask, name: str, now: datetime) -> bool:
    folder = AuthorityFolder(task.common["ca_path"])
    return folder.exists() and revoked_name(folder, holder_of(CLIENT, name), now) is not None


def _leaf(options: Mapping[str, Any], *, check_mode: bool) -> Leaf | None:
    order = ClientOrder.of(options, check_mode=check_mode)
    holding = ClientFolder(options["path"], Passphrases()).holding() if os.path.isdir(options["path"]) else None
    return order.read(holding) if holding is not None else None


def _check_path(path: str) -> None:
    if not os.path.isabs(path):
        raise OrthancTlsError(
            f"orthanc_clients_dir is {path!r}; it must be an absolute path on the control node, where each client gets "
            "a folder."
        )
    if not os.path.isdir(os.path.dirname(os.path.normpath(path))):
        raise OrthancTlsError(
            f"The folder {path} (orthanc_clients_dir) cannot be made, as {os.path.dirname(os.path.normpath(path))} is "
            "not a folder; make that one first, or correct the path."
        )
    if os.path.lexists(path):
        check_closed(path, os.stat(path), "The clients' folder (orthanc_clients_dir)")


def _left(task: ClientsTask, now: datetime) -> list[dict[str, str]]:
    """Return the clients with a certificate that is still valid and who are not in the inventory."""
    folder = AuthorityFolder(task.common["ca_path"])
    if not folder.exists():
        return []
    listed = {client["name"].casefold() for client in task.clients}
    newest = newest_clients(read_issued(folder.issued_folders()))
    return [
        {"name": client.name, "not_after": utc_text(client.not_after)}
        for client in newest
        if client.not_after > now and client.name.casefold() not in listed
    ]


def _failure(faults: Sequence[str]) -> str:
    return "\n".join([*faults, "All other clients have what they should. Repair what is named, and run this again."])


def _lines(
    done: Sequence[Mapping[str, Any]],
    left: Sequence[Mapping[str, str]],
    revoked: Sequence[str],
    *,
    check_mode: bool,
) -> list[str]:
    changed = [one for one in done if one["changed"]]
    verb = "would get" if check_mode else "has"
    lines = [
        f"{one['name']} {verb} {'a new certificate' if one['renewed'] else 'its files written again'}: {one['path']}"
        for one in changed
    ]
    if unchanged := len(done) - len(changed):
        soonest = min((one for one in done if not one["changed"]), key=lambda one: parse_utc(str(one["not_after"])))
        lines.append(
            f"Nothing to do for {unchanged} of {len(done)} clients. The first of these to expire: {soonest['name']}, "
            f"on {soonest['not_after']}."
        )
    lines += [f"{name} was revoked, and gets a new certificate only by clients_reissue." for name in revoked]
    lines += [
        f"{one['name']} is not in orthanc_clients. Its certificate and its files stay; it is valid until "
        f"{one['not_after']}."
        for one in left
    ]
    return [line for text in lines for line in textwrap.wrap(text, _WIDTH, subsequent_indent="  ")]
