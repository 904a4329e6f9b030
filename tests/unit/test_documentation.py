# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is documented of modules and filters: once, and as the code has it."""

from __future__ import annotations

import importlib
import json
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.location import DEFAULT_PATH

ROOT = pathlib.Path(__file__).parents[2]
MODULES = sorted(file.stem for file in (ROOT / "plugins" / "modules").glob("*.py"))
FILTERS = sorted(file.stem for file in (ROOT / "plugins" / "filter").glob("*.yml"))
PUBLIC = ["ca", "certificate", "certificate_info", "client_certificate", "pem_bundle", "tls_probe"]
INTERNAL = [name for name in MODULES if name not in PUBLIC]
COMPARED = ("type", "elements", "choices", "default", "required")


def module(name: str) -> Any:
    return importlib.import_module(f"ansible_collections.openimaging.orthanc.plugins.modules.{name}")


def own_documentation() -> Iterator[tuple[str, dict[str, Any]]]:
    """What stands in the plugins' own files, without fragments."""
    for name in MODULES:
        yield name, yaml.safe_load(module(name).DOCUMENTATION)
    for name in FILTERS:
        yield name, yaml.safe_load((ROOT / "plugins" / "filter" / f"{name}.yml").read_text())["DOCUMENTATION"]


def shown(kind: str, names: list[str]) -> dict[str, Any]:
    """What users see."""
    program = pathlib.Path(sys.executable).with_name("ansible-doc")
    command = [str(program), "--json", "--type", kind, *(f"openimaging.orthanc.{name}" for name in names)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return {name.rpartition(".")[2]: entry["doc"] for name, entry in found.items()}


@pytest.fixture(scope="module")
def documented() -> dict[str, Any]:
    return shown("module", MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_documented_options_are_those_that_the_module_takes(name: str, documented: dict[str, Any]) -> None:
    assert compared(documented[name]["options"]) == compared(module(name).ARGUMENT_SPEC)


def compared(options: dict[str, Any]) -> dict[str, Any]:
    """What counts of each option; what is not said is the same as its default."""
    return {
        name: {
            **{key: option[key] for key in COMPARED if option.get(key) not in (None, False)},
            "suboptions": compared(option.get("suboptions") or option.get("options") or {}),
        }
        for name, option in options.items()
    }


@pytest.mark.parametrize("part", ["options", "attributes"])
def test_what_two_plugins_have_in_common_is_documented_in_one_place(part: str) -> None:
    seen: dict[str, list[str]] = {}
    for plugin, documentation in own_documentation():
        for name, said in documentation.get(part, {}).items():
            seen.setdefault(f"{name}: {json.dumps(said, sort_keys=True)}", []).append(plugin)
    twice = {said: plugins for said, plugins in seen.items() if len(plugins) > 1}
    assert not twice, "put it into plugins/doc_fragments"


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_does_in_check_and_diff_mode(name: str, documented: dict[str, Any]) -> None:
    said = documented[name]["attributes"]
    assert {"check_mode", "diff_mode", "idempotent"} <= set(said)
    assert all(attribute["description"] and attribute["support"] for attribute in said.values())


@pytest.mark.parametrize("name", MODULES)
def test_a_module_file_ends_with_one_call(name: str) -> None:
    text = (ROOT / "plugins" / "modules" / f"{name}.py").read_text()
    code = text.rpartition("\ndef main() -> None:\n")[2]
    assert "\ndef " not in code
    assert "try:" not in text, "module_runner turns errors into failures"


def test_where_an_identity_lies_by_default_is_said_once_in_the_code() -> None:
    naming = [
        str(file.relative_to(ROOT))
        for folder in ("module_utils", "plugin_utils", "action")
        for file in (ROOT / "plugins" / folder).rglob("*.py")
        if f'"{DEFAULT_PATH}"' in file.read_text()
    ]
    assert naming == ["plugins/module_utils/identities/location.py"]


def notes(plugin: dict[str, Any]) -> str:
    return " ".join(plugin.get("notes", []))


@pytest.mark.parametrize("name", MODULES)
def test_exactly_the_modules_that_users_do_not_call_say_that_they_may_change(
    name: str, documented: dict[str, Any]
) -> None:
    assert ("may change at any time" in notes(documented[name])) == (name in INTERNAL)


def test_all_filters_say_that_they_may_change() -> None:
    assert [
        name for name, plugin in shown("filter", FILTERS).items() if "may change at any time" not in notes(plugin)
    ] == []


def test_the_action_group_holds_the_modules_that_users_call() -> None:
    assert yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"] == {"all": PUBLIC}


def test_the_readme_lists_the_modules_that_users_call() -> None:
    table = (ROOT / "README.md").read_text().partition("| module | |\n|---|---|\n")[2].partition("\n\n")[0]
    assert sorted(row.split("`")[1] for row in table.splitlines()) == PUBLIC


def test_no_page_for_users_names_what_is_internal() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "playbooks" / "examples").rglob("*.yml")]
    internal = [*(f"openimaging.orthanc.{name}" for name in INTERNAL + FILTERS), *(f"`{name}`" for name in INTERNAL)]
    named = {page.name: [name for name in internal if name in page.read_text()] for page in pages}
    assert {page: names for page, names in named.items() if names} == {}
