# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of all variables, which test_role_contracts.py compares with the argument specs, is whole and true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.known_variables import specified_variables
from ansible_collections.openimaging.orthanc.tests.variables_page import PAGE, ROOT, SET_BY_PLAYBOOKS


def given_by_playbooks(tree: Any) -> Iterator[str]:
    """Every name of a variable that a play or a task sets."""
    if isinstance(tree, dict):
        yield from tree.get("vars", {})
        for value in tree.values():
            yield from given_by_playbooks(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from given_by_playbooks(item)


def test_the_page_has_every_variable_of_every_role_and_playbook_once() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(specified_variables())


def test_no_markup_of_ansible_is_left_on_the_page() -> None:
    assert re.findall(r"\b[A-Z]\([^)]*\)", PAGE.read_text()) == []


def test_what_the_page_says_that_playbooks_set_is_set_by_them() -> None:
    files = [*ROOT.glob("playbooks/*.yml"), *ROOT.glob("playbooks/steps/*.yml"), *ROOT.glob("playbooks/tasks/*.yml")]
    given = {name for file in files for name in given_by_playbooks(yaml.safe_load(file.read_text()))}
    assert set(SET_BY_PLAYBOOKS) - given == set()
