# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions that the collection needs: the same ones everywhere, and an error where they are too old."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.started_run import ANSIBLE, PYTHON, too_old

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = "ansible_collections.openimaging.orthanc."
MINOR = "{}.{}".format(*ANSIBLE)
PYTHON_MINOR = "{}.{}".format(*PYTHON)


@pytest.mark.parametrize(
    ("ansible", "python"), [("2.18.16", (3, 12, 1)), ("2.9.27", (3, 11, 0)), ("2.19.0", (3, 10, 9))]
)
def test_an_older_version_is_named_with_what_is_needed(ansible: str, python: tuple[int, ...]) -> None:
    said = too_old(ansible, python)
    assert said.startswith(f"This is ansible-core {ansible} with Python {'.'.join(map(str, python))}. ")
    assert f"needs ansible-core {MINOR} or newer with Python {PYTHON_MINOR} or newer on the control node" in said


@pytest.mark.parametrize("ansible", ["2.19.0", "2.19.0b4", "2.20.1", "2.21.0rc1", "3.0.0"])
def test_the_minimum_and_what_is_newer_pass(ansible: str) -> None:
    assert too_old(ansible, (3, 11, 0)) == ""


def test_a_playbook_says_so_before_anything_else(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import ansible.release\nansible.release.__version__ = '2.17.14'\n")
    program = Path(sys.executable).with_name("ansible-playbook")
    flags = ["--inventory=unreachable.invalid,", "--extra-vars={orthanc_tls_mod: x}"]
    done = subprocess.run(
        [program, "openimaging.orthanc.site", *flags],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"), "COLUMNS": "500"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert too_old("2.17.14", sys.version_info[:3]) in done.stdout
    assert "orthanc_tls_mod" not in done.stdout


def test_every_file_says_the_same_versions() -> None:
    assert yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"] == f">={MINOR}.0"
    roles = [yaml.safe_load(file.read_text()) for file in ROOT.glob("roles/*/meta/main.yml")]
    assert {role["galaxy_info"]["min_ansible_version"] for role in roles} == {MINOR}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert project["ruff"]["target-version"] == f"py{PYTHON_MINOR.replace('.', '')}"
    assert project["mypy"]["python_version"] == PYTHON_MINOR
    assert yaml.safe_load((ROOT / "tests/config.yml").read_text())["modules"]["python_requires"] == f">={PYTHON_MINOR}"
    assert f"ansible-core {MINOR} or newer and Python {PYTHON_MINOR} or newer" in (ROOT / "README.md").read_text()


def imported(file: Path) -> set[Path]:
    """A file of the collection and every file of it that it imports, directly or not."""
    found = set(re.findall(rf"^from {re.escape(PACKAGE)}([\w.]+) import", file.read_text(), re.MULTILINE))
    return {file}.union(*(imported(ROOT / f"{name.replace('.', '/')}.py") for name in found))


def test_the_check_itself_loads_on_pythons_that_are_too_old() -> None:
    files = imported(ROOT / "plugins/action/preflight.py")
    assert {file.stem for file in files} == {"preflight", "errors", "known_variables", "started_run"}
    for file in files:
        ast.parse(file.read_text(), feature_version=(3, 8))
        assert "from __future__ import annotations" in file.read_text()
