# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing outside the package of issuers asks for the name of one: what differs is a capability."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.registry import ISSUERS

ROOT = Path(__file__).parents[3]
# The default of the option and of the variable.
DEFAULTS = {"default", "orthanc_issuer"}
# Where a name is also that of one of Ansible's modules.
OF_ANSIBLE = {"plugins/modules/ansible_module.py": ["command"], "plugins/plugin_utils/answers/taken.py": ["command"]}


def named_in_python(text: str) -> Iterator[str]:
    """Yield the issuers' names that stand alone in code, but for a default, and for a key that is looked up."""
    tree = ast.parse(text)
    passed = {
        id(value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value in DEFAULTS
    }
    passed |= {id(node.slice) for node in ast.walk(tree) if isinstance(node, ast.Subscript)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in [*ISSUERS] and id(node) not in passed:
            yield node.value


def named_in_yaml(text: str) -> list[str]:
    """Return the issuers' names that are quoted, as a template compares with one."""
    return re.findall(rf"""['"]({"|".join(ISSUERS)})['"]""", text)


def python_files() -> list[Path]:
    files = [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "roles").rglob("*.py")]
    return [file for file in files if "issuers" not in file.parts[-2:]]


def yaml_files() -> list[Path]:
    files = [file for folder in ("roles", "playbooks") for file in (ROOT / folder).rglob("*") if file.is_file()]
    return [file for file in files if "examples" not in file.parts and file.suffix in (".yml", ".j2")]


def test_no_plugin_knows_an_issuer_by_name() -> None:
    named = {str(file.relative_to(ROOT)): list(named_in_python(file.read_text())) for file in python_files()}
    others = {file: sorted({*names}) for file, names in named.items() if names}
    assert len(named) > 100 and others == OF_ANSIBLE


def test_no_role_or_playbook_knows_an_issuer_by_name() -> None:
    named = {str(file.relative_to(ROOT)): named_in_yaml(file.read_text()) for file in yaml_files()}
    assert len(named) > 50 and {file: names for file, names in named.items() if names} == {}


@pytest.mark.parametrize(
    ("file", "option"),
    [
        ("roles/orthanc/meta/argument_specs.yml", "orthanc_issuer"),
        ("roles/identity/meta/argument_specs.yml", "identity_issuer"),
        ("plugins/doc_fragments/issuer.py", "issuer"),
    ],
)
def test_the_documentation_names_every_issuer(file: str, option: str) -> None:
    # Up to the next option, which is indented as much.
    said = re.search(rf"^( +){option}:\n(.*?)^\1\w", (ROOT / file).read_text(), re.MULTILINE | re.DOTALL)
    assert said and set(re.findall(r"V\((\w+)\)", said[2])) == {*ISSUERS}


@pytest.mark.parametrize(
    "text", ["node.issuer == 'local'", "x in ('local', y)", "SELF_SIGNED = 'selfsigned'", "match x:\n case 'local': 0"]
)
def test_a_comparison_with_a_name_would_be_found(text: str) -> None:
    assert list(named_in_python(text)) and named_in_yaml(text)
