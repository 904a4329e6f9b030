# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module itself: run as Ansible runs it, on this very machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from identities import snapshot
from looked_at_node import LookedAt
from tls_servers import answering, serving

from ansible_collections.openimaging.orthanc.plugins.modules import node_look

START = """
import json, runpy, sys
from ansible.module_utils.testing import patch_module_args
arguments = json.loads(sys.stdin.read())
for library in arguments.pop("without"):
    sys.modules[library] = None
with patch_module_args(arguments):
    runpy.run_module("ansible_collections.openimaging.orthanc.plugins.modules.node_look", run_name="__main__")
"""


def module(*, without: list[str] | None = None, **options: Any) -> dict[str, Any]:
    arguments = json.dumps({"probes": [], "without": without or [], **options})
    done = subprocess.run([sys.executable, "-c", START], input=arguments, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stdout + done.stderr
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def given(node: LookedAt) -> dict[str, Any]:
    """Return the options of a healthy node as a task gives them."""
    options = {name: value for name, value in node.options().items() if value is not None}
    options["services"] = [{name: value for name, value in options["services"][0].items() if value is not None}]
    return options


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LookedAt:
    return LookedAt(tmp_path, monkeypatch)


def test_one_execution_returns_what_the_documentation_names(node: LookedAt) -> None:
    seen = module(**given(node), _ansible_check_mode=True)
    documented = yaml.safe_load(node_look.RETURN)
    assert seen.keys() - {"invocation"} == documented.keys() | {"changed"}
    assert seen["changed"] is False and seen["services"]["orthanc"]["record"]["differs"] == []


def test_it_works_without_cryptography_and_sees_less(node: LookedAt) -> None:
    before = snapshot(node.folder)
    seen = module(**given(node), without=["cryptography"])
    assert "install python3-cryptography" in seen["identity"]["fault"] and seen["identity"]["present"]
    assert seen["faults"] == {} and seen["packages"]["orthanc"]["version"] and snapshot(node.folder) == before


def test_a_path_that_a_probe_must_not_show_still_names_its_file(node: LookedAt) -> None:
    """Ansible hides a probe's certificate, path or PEM, in all values of the answer."""
    pem = str(node.identity.file("server.pem"))
    with serving(answering()) as port:
        probes = [
            {"name": "itself", "url": f"http://127.0.0.1:{port}/"},
            {"name": "nginx", "url": f"https://127.0.0.1:{port}/", "certificate": pem},
        ]
        seen = module(files=[pem], probes=probes)
    assert seen["files"][pem]["kind"] == "file"
    assert [(result["name"], result["ok"]) for result in seen["answers"]["results"]] == [
        ("itself", True),
        ("nginx", False),
    ]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"files": ["etc/x"]}, "files is 'etc/x', which is relative"),
        ({"nginx_site": "x"}, "nginx_site is 'x', which is relative"),
        ({"services": [{"name": "a", "unit": "a", "record": "/r", "port": 443}]}, "server_name"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, Any], text: str) -> None:
    seen = module(**options)
    assert seen["failed"] and text in seen["msg"]
