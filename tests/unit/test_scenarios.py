# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Molecule takes a scenario without verify.yml for a success, and lets a scenario repeat the base configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader

ROOT = Path(__file__).resolve().parents[2]
BASE = yaml.safe_load((ROOT / ".config/molecule/config.yml").read_text())
SUITES = ("molecule", "tests/soak")
SCENARIOS = sorted(file.parent for suite in SUITES for file in ROOT.glob(f"{suite}/*/molecule.yml"))
STORIES = [folder for folder in SCENARIOS if folder.name != "default"]


def settings(tree: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each leaf of nested dictionaries with the keys that lead to it."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from settings(value, (*path, key))
        else:
            yield (*path, key), value


def test_every_folder_is_a_scenario() -> None:
    folders = [entry for suite in SUITES for entry in (ROOT / suite).iterdir() if entry.is_dir()]
    assert sorted(folder for folder in folders if folder.name != "__pycache__") == SCENARIOS


@pytest.mark.parametrize("folder", STORIES, ids=lambda folder: folder.name)
@pytest.mark.parametrize("playbook", ["converge.yml", "verify.yml"])
def test_each_scenario_converges_and_verifies(folder: Path, playbook: str) -> None:
    assert DataLoader().load_from_file(str(folder / playbook))


@pytest.mark.parametrize("folder", SCENARIOS, ids=lambda folder: folder.name)
def test_a_scenario_says_only_what_differs(folder: Path) -> None:
    own = yaml.safe_load((folder / "molecule.yml").read_text()) or {}
    base = dict(settings(BASE))
    repeated = [".".join(path) for path, value in settings(own) if base.get(path) == value]
    assert repeated == []
