# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written for those who change the collection names only what is there, and leaves out no package."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = ROOT / "docs" / "architecture.md"
DOCUMENTS = [ROOT / "CONTRIBUTING.md", ARCHITECTURE]
SIDES = ("module_utils", "plugin_utils")
EMPTIED = "changelogs/fragments/"  # by a release

_BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>\w+)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"`([^`\n]+)`")
_SUFFIXES = (".py", ".yml", ".md", ".sh", ".toml", ".j2")
_TARGET = re.compile(r"\bmake ([a-z][a-z0-9-]*)")
_LINE_OF_TREE = re.compile(r"(?P<indent> *)(?P<name>\w+(?:/|\.py))(?: {2,}(?P<says>\S.*))?")


def blocks(document: Path, language: str) -> list[str]:
    return [match["text"] for match in _BLOCK.finditer(document.read_text()) if match["language"] == language]


def code(document: Path) -> list[str]:
    """Everything that is set as code, but for the tree of packages."""
    return [*_QUOTED.findall(_BLOCK.sub("", document.read_text())), *blocks(document, "console")]


def paths(document: Path) -> Iterator[str]:
    """Yield each path of the repository that a document names; C(file::test) names a test."""
    folders = tuple(f"{entry.name}/" for entry in ROOT.iterdir() if entry.is_dir() and entry.name[0] != ".")
    for word in " ".join(code(document)).split():
        path = word.partition("::")[0]
        if (path.endswith(_SUFFIXES) or path.startswith(folders)) and not path.startswith(EMPTIED):
            yield word


def defined_tests(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def is_there(named: str) -> bool:
    """Whether a path leads to something; what stands in angle brackets can be any name."""
    path, _separator, test = named.partition("::")
    found = list(ROOT.glob(re.sub(r"<[^>]+>", "*", path)))
    return bool(found) and (not test or any(test in defined_tests(file) for file in found))


def tree() -> Iterator[tuple[str, str]]:
    """Yield each path in the tree of packages, with what is said of it."""
    above: list[tuple[int, str]] = []
    for block in blocks(ARCHITECTURE, "text"):
        for match in filter(None, map(_LINE_OF_TREE.fullmatch, block.splitlines())):
            above = [(indent, name) for indent, name in above if indent < len(match["indent"])]
            above.append((len(match["indent"]), match["name"]))
            yield "".join(name for _indent, name in above), match["says"] or ""


def invariants() -> list[str]:
    section = ARCHITECTURE.read_text().partition("\n## Invariants\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ") and not line.startswith("| what ")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_file_and_every_test_that_a_document_names_is_there(document: Path) -> None:
    named = list(paths(document))
    assert named
    assert [path for path in named if not is_there(path)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_make_target_that_a_document_names_is_there(document: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(_TARGET.findall("\n".join(code(document)))) <= targets


def test_every_package_has_one_line_in_the_tree() -> None:
    described = [path for path, says in tree() if says]
    packages = {f"plugins/{side}/{file.parent.name}/" for side in SIDES for file in ROOT.glob(f"plugins/{side}/*/*.py")}
    assert {path: described.count(path) for path in packages if described.count(path) != 1} == {}


def test_the_tree_shows_nothing_that_is_not_there() -> None:
    assert [path for path, _says in tree() if not (ROOT / path).exists()] == []


def test_every_invariant_names_a_test_or_a_scenario_that_guards_it() -> None:
    assert invariants()
    guards = re.compile(r"`(tests/unit/\S+::test_\w+|(molecule|tests/soak)/\S+)`")
    assert [row for row in invariants() if not guards.search(row)] == []


@pytest.mark.parametrize(
    ("named", "there"),
    [
        ("tests/unit/test_documents.py", True),
        ("tests/unit/test_documents.py::test_the_tree_shows_nothing_that_is_not_there", True),
        ("tests/unit/test_documents.py::test_that_nobody_has_written", False),
        ("roles/<role>/defaults/main.yml", True),
        ("roles/<role>/defaults/none.yml", False),
        ("plugins/no_such_folder/", False),
    ],
)
def test_what_is_missing_is_seen(named: str, there: bool) -> None:
    assert is_there(named) is there
