# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file lives in a room, imports go one way, and a name stands for one thing (docs/architecture.md)."""

from __future__ import annotations

import ast
import graphlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[2] / "plugins"
PREFIX = "ansible_collections.openimaging.orthanc.plugins."

_BASE = {"errors", "durations", "files"}
_IDENTITIES = {*_BASE, "x509", "identities"}
# What a room of plugins/module_utils may import beside itself.
ON_NODES: dict[str, set[str]] = {
    "errors": set(),
    "module_runner": {"errors"},
    "durations": {"errors"},
    "files": {"errors", "durations"},
    "x509": _BASE,
    "tls": {"errors"},
    "probes": {"errors", "tls"},
    "bundles": {*_BASE, "x509", "tls"},
    "identities": {*_BASE, "x509"},
    "services": {*_IDENTITIES, "tls", "probes"},
    "enrolment": {*_IDENTITIES, "tls"},
    "orthanc": _BASE,
    "nginx": _BASE,
    "civetweb": _BASE,
    "metrics": {*_BASE, "orthanc", "services"},
    "inspection": {*_IDENTITIES, "tls", "probes", "bundles", "services", "enrolment", "orthanc", "nginx", "civetweb"},
}
# What a room of plugins/plugin_utils may import of its own side.
ON_CONTROL_NODE: dict[str, set[str]] = {
    "ca": set(),
    "answers": {"ca", "plain_text"},
    "plain_text": set(),
    "issuers": {"ca", "plain_text"},
    "clients": {"ca"},
    "fleet": {"ca", "issuers"},
    "orthanc": {"fleet"},
    "frontends": {"fleet"},
    "adoption": {"fleet", "orthanc", "frontends"},
    "plan": {"ca", "issuers", "clients", "fleet", "orthanc", "frontends", "answers", "plain_text"},
    "verification": {"ca", "fleet", "plan", "answers", "plain_text"},
    "report": {"fleet", "plan", "verification", "plain_text"},
    "actions": {"fleet", "answers", "plain_text"},
    "filters": {"fleet"},
    "role_templates": set(),
    "node_texts": {"ca", "fleet", "plan", "role_templates"},
}
# What a room of plugins/plugin_utils may not import of module_utils; it may import the rest. A client is no node.
NOT_OF_NODES: dict[str, set[str]] = {"clients": {"identities", "enrolment", "services", "inspection"}}
ENTRANCES = {"action": {"plugin_utils", "module_utils", "modules"}, "filter": {"plugin_utils", "module_utils"}}


def files() -> list[Path]:
    return sorted(PLUGINS.glob("**/*.py"))


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(PLUGINS).with_suffix("").parts)


def imported(file: Path) -> Iterator[str]:
    """Yield the collection's modules that a file imports, also inside functions and for type checks."""
    known = {module_name(other) for other in files()}
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file} has a relative import"
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from {name.removeprefix(PREFIX) for name in names} & known


def side_and_room(name: str) -> tuple[str, str]:
    side, room = name.split(".")[:2]
    return side, room


def allowed(importer: str, target: str) -> bool:
    side, room = side_and_room(importer)
    other_side, other_room = side_and_room(target)
    if side in ENTRANCES:
        return other_side in ENTRANCES[side]
    if side in ("modules", "doc_fragments"):
        return other_side == "module_utils"
    if side == "module_utils":
        return other_side == side and (other_room == room or other_room in {*ON_NODES[room]})
    if other_side == "module_utils":
        return other_room not in NOT_OF_NODES.get(room, ())
    return other_side == side and (other_room == room or other_room in ON_CONTROL_NODE[room])


@pytest.mark.parametrize("file", files(), ids=module_name)
def test_imports_go_one_way(file: Path) -> None:
    importer = module_name(file)
    wrong = [target for target in imported(file) if not allowed(importer, target)]
    assert wrong == [], f"{importer} may not import {wrong}"


def test_no_import_goes_in_a_circle_not_even_inside_a_function() -> None:
    graph = {module_name(file): set(imported(file)) - {module_name(file)} for file in files()}
    graphlib.TopologicalSorter(graph).prepare()


def test_the_directions_themselves_have_no_circle() -> None:
    for directions in (ON_NODES, ON_CONTROL_NODE):
        graphlib.TopologicalSorter(directions).prepare()


def test_every_file_lives_in_a_room() -> None:
    homeless = [
        name
        for name in map(module_name, files())
        if (side := name.split(".")[0]) in ("module_utils", "plugin_utils")
        and side_and_room(name)[1] not in (ON_NODES if side == "module_utils" else ON_CONTROL_NODE)
    ]
    assert homeless == []


def test_no_two_types_share_a_name() -> None:
    by_ansible = {"ActionModule", "FilterModule", "ModuleDocFragment"}
    names = Counter(
        node.name
        for file in files()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ClassDef) and node.name not in by_ansible
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_unit_tests_live_in_the_rooms_of_what_they_test() -> None:
    rooms = {file.parent.name for file in Path(__file__).parent.glob("*/test_*.py")}
    assert rooms and rooms <= ON_NODES.keys() | ON_CONTROL_NODE.keys()


def test_no_file_of_the_collection_is_long() -> None:
    long = {module_name(file): len(file.read_text().splitlines()) for file in files()}
    tasks = {
        str(file.relative_to(PLUGINS.parent)): len(file.read_text().splitlines())
        for pattern in ("roles/*/tasks/*.yml", "playbooks/**/*.yml")
        for file in PLUGINS.parent.glob(pattern)
    }
    assert {name: lines for name, lines in long.items() if lines > 300} == {}
    assert {name: lines for name, lines in tasks.items() if lines > 60 and "/tasks/" in name} == {}
