# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what a node says of its configuration: it may be broken or compromised, so nothing odd goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.files import wrong_types
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.json_types import is_a
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.peer_forms import wrong_setting, wrong_url

_ENTRIES: dict[str, dict[str, type]] = {
    "secrets": {"path": list},
    "pem_files": {"setting": str, "path": str, "exists": bool, "certificates": list},
    "unread": {"path": str, "line": int},
    "request_filters": {"setting": str, "path": str, "names_itself": bool},
    "nginx_servers": {
        **dict.fromkeys(("file", "certificate", "client_ca"), str),
        **dict.fromkeys(("ports", "server_names", "password_files", "rules"), list),
        **dict.fromkeys(("sent_headers", "added_headers", "paths"), list),
    },
}
_ITEMS: dict[str, type] = {
    **dict.fromkeys(("server_names", "password_files", "rules", "sent_headers", "added_headers", "certificates"), str),
    "ports": int,
    "paths": dict,
}
"""What lists hold; other lists hold texts and numbers."""
_PATH_OF_SITE: dict[str, type] = {"path": str, "does": str, "host": str, "port": int}
_FOLDERS = ("StorageDirectory", "IndexDirectory")


def checked_answer(found: Mapping[str, Any], host: str) -> Mapping[str, Any]:
    """Return the answer of C(orthanc_configuration_info), if it is one."""
    for wrong in _wrong(found, host):
        raise OrthancTlsError(
            f"{host}: the node's answer of how Orthanc is configured is none of the module's: {wrong}. Nothing was "
            "written. If no other program answers in its place, treat the node as compromised."
        )
    return found


def _wrong(found: Mapping[str, Any], host: str) -> Iterator[str]:
    for name, types in _ENTRIES.items():
        entries = found.get(name)
        if not is_a(entries, list):
            yield f"{name} is no list"
            return
        for entry in entries or ():
            yield from _wrong_entry(name, entry, types)
    for server in found["nginx_servers"]:
        for path in server["paths"]:
            yield from _wrong_entry("paths of nginx_servers", path, _PATH_OF_SITE)
    yield from (f"{name} is not text" for name in ("nginx_fault", "user") if not isinstance(found.get(name), str))
    groups = found.get("groups")
    if not is_a(groups, list) or not all(isinstance(group, str) for group in groups or ()):
        yield "groups is no list of texts"
    settings = found.get("settings")
    if not isinstance(settings, Mapping):
        yield "settings are no dictionary"
        return
    yield from _wrong_settings(settings, {tuple(secret["path"]) for secret in found["secrets"]}, host)


def _wrong_entry(name: str, entry: Any, types: Mapping[str, type]) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        yield f"{name} holds no dictionaries"
        return
    yield from (f"{name} has an odd {key}" for key, expected in types.items() if _is_odd(key, entry.get(key), expected))


def _is_odd(key: str, value: Any, expected: type) -> bool:
    if not is_a(value, expected):
        return True
    return expected is list and not all(_is_item(item, _ITEMS.get(key)) for item in value)


def _is_item(value: Any, expected: type | None) -> bool:
    return isinstance(value, (str, int)) if expected is None else is_a(value, expected)


def _wrong_settings(settings: Mapping[str, Any], secrets: set[tuple[Any, ...]], host: str) -> Iterator[str]:
    yield from ("a secret has no place in the settings" for path in secrets if not path or not _leads(settings, path))
    yield from (f"{key} is not text" for key in _FOLDERS if not isinstance(settings.get(key), str))
    for key, value in settings.items():
        if (key,) not in secrets:
            yield from wrong_types(str(key), value)
    web = settings.get("DicomWeb", {})
    servers = web.get("Servers", {}) if isinstance(web, Mapping) else {}
    for path, peers in ((("OrthancPeers",), settings.get("OrthancPeers", {})), (("DicomWeb", "Servers"), servers)):
        for name, peer in peers.items() if isinstance(peers, Mapping) else ():
            yield from _wrong_peer((*path, name), peer, secrets)


def _wrong_peer(path: tuple[Any, ...], peer: Any, secrets: set[tuple[Any, ...]]) -> Iterator[str]:
    where = ".".join(map(str, path))
    if not isinstance(peer, Mapping) or "Url" not in peer:
        yield f"{where} is no peer"
        return
    for key, value in peer.items():
        if (*path, key) not in secrets:
            yield from (f"{where}.{wrong}" for wrong in wrong_setting(str(key), value))
    if (*path, "Url") not in secrets and isinstance(peer["Url"], str):
        yield from wrong_url(peer["Url"], where)


def _leads(settings: Any, path: tuple[Any, ...]) -> bool:
    for step in path:
        try:
            settings = settings[step]
        except (KeyError, IndexError, TypeError):
            return False
    return settings is None
