# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What scenarios compare their runs with finds a change that no plan announced, and a step that no run took."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
_SPEC = importlib.util.spec_from_file_location("compare_plan", ROOT / "tests/callback/compare_plan.py")
assert _SPEC is not None and _SPEC.loader is not None
compare_plan = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(compare_plan)


def step(part: str, what: str, loads: str | None = None) -> dict[str, Any]:
    return {"part": part, "what": what, "why": "", "interruption": "none", "loads": loads}


IDENTITY = step("identity", "new key and certificate")
RELOAD = step("nginx", "reload", "frontend")
RENEWED = {("certificate", ""), ("service_load", "frontend")}


def compared(steps: list[dict[str, Any]], changes: set[Any], **how: bool) -> list[str]:
    found: list[str] = compare_plan.differences(steps, changes, **{"complete": True, "staging": False, **how})
    return found


def test_a_run_that_did_what_was_announced_differs_in_nothing() -> None:
    assert compared([IDENTITY, RELOAD], RENEWED) == []


@pytest.mark.parametrize(
    ("steps", "changes", "says"),
    [
        ([], {("node_files", "")}, "node_files was not announced"),
        ([IDENTITY], RENEWED, "service_load frontend was not announced"),
        ([IDENTITY, RELOAD], {*RENEWED, ("service_load", "orthanc")}, "service_load orthanc was not announced"),
        ([IDENTITY, RELOAD], {("certificate", "")}, "'nginx: reload' was announced"),
        ([step("packages", "install nginx")], set(), "'packages: install nginx' was announced"),
    ],
)
def test_what_differs_is_named(steps: list[dict[str, Any]], changes: set[Any], says: str) -> None:
    assert compared(steps, changes) == [says]


def test_a_run_that_was_stopped_may_leave_steps_and_no_more() -> None:
    assert compared([IDENTITY, RELOAD], set(), complete=False) == []
    assert compared([], {("apt", "")}, complete=False) != []


def test_what_waits_may_wait() -> None:
    assert compared([step("identity", "activate the certificate that waits")], set()) == []


@pytest.mark.parametrize(("announced", "differs"), [(True, False), (False, True)])
def test_a_run_that_differs_from_its_plan_says_so_on_standard_error(
    tmp_path: Path, announced: bool, differs: bool
) -> None:
    """With modules that stand in for the collection's, told by their last names alone."""
    library = tmp_path / "library"
    library.mkdir()
    for name in ("node_look", "node_files"):
        (library / f"{name}.py").write_text(
            "import json\nfrom ansible.module_utils.basic import AnsibleModule\n"
            "m = AnsibleModule({'say': {'type': 'dict'}}, supports_check_mode=True)\nm.exit_json(**m.params['say'])\n"
        )
    steps = [step("Orthanc", "write orthanc.json")] if announced else []
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(
        f"""
- hosts: localhost
  gather_facts: false
  connection: local
  tasks:
    - node_look: {{say: {{story: site, steps: {steps!r}}}}}
    - node_files: {{say: {{changed: true}}}}
""".replace("None", "null")
    )
    run = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), playbook],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_LIBRARY": str(library),
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests/callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "compare_plan",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert (f"{compare_plan.SAID}: localhost: node_files was not announced" in run.stderr) == differs
