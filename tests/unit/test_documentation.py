# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people copy from the documentation works."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from documented_yaml import PAGES, ROOT, blocks, keys, load

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.known_variables import (
    PREFIXES,
    specified_variables,
)

BLOCKS = blocks()
INVENTORIES = [
    *ROOT.glob("playbooks/**/inventory.yml"),
    *ROOT.glob("playbooks/examples/**/*.yml"),
    *ROOT.glob("tests/bench/**/inventory.yml"),
    ROOT / "molecule/inventory.yml",
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_block_of_yaml_is_overlooked(page: Path) -> None:
    opened = sum(line.strip().startswith(("```yaml", "```yml")) for line in page.read_text().splitlines())
    assert opened == sum(name.startswith(f"{page.relative_to(ROOT)}:") for name in BLOCKS)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_of_yaml_loads(block: str) -> None:
    assert load(BLOCKS[block])


@pytest.mark.parametrize("page", ["docs/peers.md", "playbooks/examples/fleet/inventory.yml"])
def test_the_inventories_of_the_documentation_have_the_groups_that_they_show(page: str, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yml"
    printed = [text for name, text in BLOCKS.items() if name.startswith(f"{page}:")]
    inventory.write_text(printed[0] if printed else (ROOT / page).read_text())
    groups = InventoryManager(DataLoader(), sources=[str(inventory)]).get_groups_dict()
    assert groups["orthanc"] == ["archive", "edge1", "edge2"]
    assert groups["edges"] == ["edge1", "edge2"]


@pytest.mark.parametrize("text", BLOCKS.values(), ids=BLOCKS.keys())
def test_blocks_of_yaml_have_no_variable_that_the_collection_does_not_know(text: str) -> None:
    assert unknown(text) == []


@pytest.mark.parametrize("file", INVENTORIES, ids=lambda file: str(file.relative_to(ROOT)))
def test_inventories_have_no_variable_that_the_collection_does_not_know(file: Path) -> None:
    assert unknown(file.read_text()) == []


def unknown(text: str) -> list[str]:
    """Keys with a prefix of ours that are no variable of ours, and no key within one."""
    known = specified_variables() | {"ca_certificates"}  # of a peer, and of a server certificate
    return [key for key in keys(load(text)) if key.startswith(PREFIXES) and key not in known]
