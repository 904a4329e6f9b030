# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML as people get it from us: the blocks of the documentation and the inventories beside the playbooks."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
_BLOCK = re.compile(r"^(?P<indent> *)```ya?ml\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


class AnsibleLoader(yaml.CSafeLoader):
    """Libyaml, as Ansible uses it, with the tags that Ansible adds."""


def _text(loader: AnsibleLoader, node: yaml.ScalarNode) -> object:
    return loader.construct_scalar(node)


for _tag in ("!vault", "!vault-encrypted", "!unsafe"):
    AnsibleLoader.add_constructor(_tag, _text)


def blocks() -> dict[str, str]:
    """Every YAML block of the documentation, by page and line."""
    found = {}
    for page in PAGES:
        text = page.read_text()
        for match in _BLOCK.finditer(text):
            line = text.count("\n", 0, match.start("text")) + 1
            found[f"{page.relative_to(ROOT)}:{line}"] = textwrap.dedent(match["text"])
    return found


def load(text: str) -> Any:
    """What Ansible would read."""
    return yaml.load(text, AnsibleLoader)


def keys(tree: Any) -> Iterator[str]:
    """Every key of nested dictionaries and lists."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield str(key)
            yield from keys(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from keys(item)
