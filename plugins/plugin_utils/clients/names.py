# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of clients: each belongs to one client or node, whatever the case of its letters (standard library only)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import client_names

_KEPT_IN_FOLDERS = frozenset("@._-+")


def listed_names(clients: object) -> list[str]:
    """Return the names in C(orthanc_clients). Raises where it is no list of clients with names."""
    if not isinstance(clients, (list, tuple)):
        raise OrthancTlsError(f"orthanc_clients is {_kind(clients)}; expected a list such as [{{name: anna}}].")
    return [_name(number, client) for number, client in enumerate(clients, start=1)]


def shared_client_names(names: Iterable[str], nodes: Iterable[str]) -> str:
    """What to say of names that a client shares with another one, or with a node; empty if there are none."""
    holders: dict[str, list[str]] = {}
    for name, what in [*((name, "client") for name in names), *((name, "node") for name in nodes)]:
        holders.setdefault(name.casefold(), []).append(f"{what} {name!r}")
    shared = [holding for holding in holders.values() if len(holding) > 1 and any("client" in one for one in holding)]
    if not shared:
        return ""
    lines = "".join(f"  {', '.join(holding)}\n" for holding in shared)
    return (
        f"Clients (orthanc_clients) share their names, whatever the case of letters:\n{lines}Give each client a name "
        "of its own, as certificates are revoked by name."
    )


def folder_name(name: str) -> str:
    """Return the name of a client's folder: letters and digits stay, what shells read becomes an underscore."""
    kept = "".join(letter if letter.isalnum() or letter in _KEPT_IN_FOLDERS else "_" for letter in name)
    return "_" + kept[1:] if kept.startswith((".", "-")) else kept


def folder_names(names: Iterable[str]) -> Mapping[str, str]:
    """Return each client's folder by its name. Raises where two would have one folder."""
    found: dict[str, str] = {}
    taken: dict[str, str] = {}
    for name in names:
        found[name] = folder_name(name)
        other = taken.setdefault(found[name].casefold(), name)
        if other != name:
            raise OrthancTlsError(
                f"The clients {other!r} and {name!r} in orthanc_clients would share the folder {found[name]!r}; "
                "rename one of them."
            )
    return found


def _name(number: int, client: object) -> str:
    where = f"orthanc_clients, entry {number},"
    if not isinstance(client, Mapping) or not isinstance(client.get("name"), str):
        raise OrthancTlsError(f"{where} has no name; expected a dictionary such as {{name: anna@example.org}}.")
    try:
        client_names(client["name"])
    except OrthancTlsError as error:
        raise OrthancTlsError(f"{where} has a name that no certificate can have: {error}") from error
    return str(client["name"])


def _kind(value: Any) -> str:
    return "a dictionary" if isinstance(value, Mapping) else "text" if isinstance(value, str) else "no list"
