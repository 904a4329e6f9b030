# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of the collection's variables is whole, and what is said of a name that is not in it helps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from documented_yaml import ROOT, keys
from jinja2 import Environment, nodes

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.known_variables import (
    PREFIXES,
    SET_WHILE_RUNNING,
    specified_variables,
    unknown_variables,
)

EXPRESSIONS = {"when", "failed_when", "changed_when", "until", "that"}
# What one file of ours hands to another that it includes or imports.
HANDED_OVER = {"rollover_step"}
OPTIONS_OF_MODULES = {"ca_certificates", "client_certificates", "client_ca_certificates"}
OF_ANSIBLE = {"ansible_become"}
TASKS = [
    file
    for pattern in ("playbooks/*.yml", "playbooks/steps/*.yml", "playbooks/tasks/*.yml", "roles/*/[dtv]*/*.yml")
    for file in sorted(ROOT.glob(pattern))
]
TEMPLATES = sorted([*ROOT.glob("playbooks/templates/*.j2"), *ROOT.glob("roles/*/templates/*.j2")])


def names(text: str) -> set[str]:
    """The variables that a template reads."""
    return {name.name for name in Environment().parse(text).find_all(nodes.Name)}


def templates(tree: Any, key: str = "") -> Iterator[str]:
    """Every text of a file of tasks, an expression as the template that it stands for."""
    if isinstance(tree, str):
        yield f"{{{{ {tree} }}}}" if key in EXPRESSIONS else tree
    elif isinstance(tree, dict):
        for below, value in tree.items():
            yield from templates(value, below)
    elif isinstance(tree, list):
        for item in tree:
            yield from templates(item, key)


def registered(tree: Any) -> Iterator[str]:
    """The variables that tasks register or set."""
    if isinstance(tree, dict):
        yield from [tree["register"]] if "register" in tree else []
        yield from tree.get("ansible.builtin.set_fact", {})
    for below in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else []:
        yield from registered(below)


def variables_of_its_own(tree: Any) -> Iterator[str]:
    """The variables that plays, blocks and tasks have for themselves."""
    if isinstance(tree, dict):
        yield from tree["vars"] if isinstance(tree.get("vars"), dict) else ()
    for below in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else []:
        yield from variables_of_its_own(below)


@pytest.mark.parametrize("file", TASKS, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_variable_of_ours_has_a_name_that_a_user_may_have_given(file: Path) -> None:
    found = set(variables_of_its_own(yaml.safe_load(file.read_text()))) - OF_ANSIBLE
    assert [name for name in sorted(found) if not name.removeprefix("__").startswith(PREFIXES)] == []


@pytest.mark.parametrize("file", [*TASKS, *TEMPLATES], ids=lambda file: str(file.relative_to(ROOT)))
def test_every_variable_that_a_playbook_or_role_reads_or_sets_is_specified(file: Path) -> None:
    if file.suffix == ".j2":
        used = names(file.read_text())
    else:
        tree = yaml.safe_load(file.read_text())
        used = set(keys(tree)).union(*(names(text) for text in templates(tree)))
    ours = {name for name in used if name.startswith(PREFIXES)} - OPTIONS_OF_MODULES
    assert ours <= specified_variables() | SET_WHILE_RUNNING | HANDED_OVER


def test_what_tasks_register_is_listed_and_nothing_else() -> None:
    found = {name for file in TASKS for name in registered(yaml.safe_load(file.read_text()))}
    assert {name for name in found if name.startswith(PREFIXES)} == SET_WHILE_RUNNING


def test_every_specified_variable_has_a_prefix_and_every_prefix_a_variable() -> None:
    assert [name for name in specified_variables() if not name.startswith(PREFIXES)] == []
    assert [prefix for prefix in PREFIXES if not any(name.startswith(prefix) for name in specified_variables())] == []


def test_every_playbook_of_the_fleet_is_specified() -> None:
    specified = yaml.safe_load((ROOT / "playbooks/meta/argument_specs.yml").read_text())["argument_specs"]
    assert sorted(specified) == sorted(file.stem for file in ROOT.glob("playbooks/*.yml"))


def test_many_hosts_are_counted() -> None:
    hosts = {f"edge{number}": ["orthanc_tls_mod"] if number else [] for number in range(9)}
    said = unknown_variables(hosts, {host: [] for host in hosts})
    assert "orthanc_tls_mod (edge1, edge2, edge3 and 5 more): did you mean orthanc_tls_mode?" in said


def test_a_variable_is_ones_own_only_for_the_hosts_that_list_it() -> None:
    said = unknown_variables({"a": ["ca_bundle"], "b": ["ca_bundle"]}, {"a": ["ca_bundle"], "b": []})
    assert "ca_bundle (b):" in said


@pytest.mark.parametrize("own", ["ca_bundle", [1], None], ids=["text", "number", "nothing"])
def test_a_list_of_own_variables_that_is_none_is_refused(own: object) -> None:
    with pytest.raises(OrthancTlsError, match=r"^a: orthanc_own_variables must be a list"):
        unknown_variables({"a": []}, {"a": own})
