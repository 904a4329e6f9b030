# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks and roles ask for an identity where the inventory says that it lies, on whichever host."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from ansible_collections.openimaging.orthanc.plugins.filter.fleet import fleet as fleet_view
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.location import DEFAULT_PATH
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import (
    load_options,
    look_options,
    service_of,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

ROOT = pathlib.Path(__file__).parents[2]
FILES = [*(ROOT / "playbooks").rglob("*.yml"), *ROOT.glob("roles/*/tasks/*.yml")]
ON_AN_IDENTITY = ("certificate", "certificate_generation", "identity_trust")


def tasks(found: Any) -> Iterator[dict[str, Any]]:
    """Every task of a file, those in plays and blocks included."""
    for item in found if isinstance(found, list) else []:
        yield item
        for part in ("tasks", "block", "rescue", "always"):
            yield from tasks(item.get(part))


def calls(module: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in FILES:
        for task in tasks(yaml.safe_load(file.read_text())):
            if arguments := task.get(f"openimaging.orthanc.{module}"):
                yield f"{file.relative_to(ROOT)}: {task['name']}", arguments


@pytest.mark.parametrize("module", ON_AN_IDENTITY)
def test_every_task_on_an_identity_says_where_it_lies(module: str) -> None:
    found = dict(calls(module))
    assert found
    assert [where for where, arguments in found.items() if "identity_path" not in arguments.get("path", "")] == []


def test_what_looks_and_what_loads_is_told_by_the_inventory_where_it_lies() -> None:
    hosts = {"a": {"identity_path": "/srv/tls", "orthanc_tls_mode": "builtin"}}
    node = Fleet(hosts, {"orthanc": ["a"]}).node("a")
    assert look_options(node)["path"] == "/srv/tls"
    told = load_options(node, service_of(node, "orthanc"), node.identity_path)
    assert told["identity"] == "/srv/tls" and "/srv/tls/current" in told["files"]
    assert DEFAULT_PATH not in str(told)


def test_no_playbook_and_no_task_of_a_role_assumes_the_default() -> None:
    assert [str(file.relative_to(ROOT)) for file in FILES if DEFAULT_PATH in file.read_text()] == []


def test_the_path_is_the_hosts_own_also_when_another_host_asks() -> None:
    hosts: dict[str, dict[str, Any]] = {"a": {"identity_path": "/srv/tls"}, "b": {}}
    groups = {"orthanc": ["a", "b"]}
    assert [fleet_view(host, hosts, groups)["identity_path"] for host in hosts] == ["/srv/tls", DEFAULT_PATH]


@pytest.mark.parametrize("path", ["tls", "/", "/srv/tls/", "/srv//tls", "/srv/x/../tls"])
def test_a_path_that_would_be_another_one_in_another_place_is_refused(path: str) -> None:
    with pytest.raises(OrthancTlsError) as error:
        fleet_view("a", {"a": {"identity_path": path}}, {"orthanc": ["a"]})
    assert str(error.value).startswith(
        f"a: identity_path is '{path}'; it must be an absolute path without a trailing slash"
    )
