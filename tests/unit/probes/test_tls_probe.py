# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module itself: run as Ansible runs it, against real servers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tls_servers import answering, ca, combined, node, orthanc, server_context, serving

from ansible_collections.openimaging.orthanc.plugins.doc_fragments import probes
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.observations import ALERTS
from ansible_collections.openimaging.orthanc.plugins.modules import tls_probe

MODULE = "ansible_collections.openimaging.orthanc.plugins.modules.tls_probe"


def module(*probes: dict[str, Any], before: str = "", **options: Any) -> tuple[dict[str, Any], str]:
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {"probes": probes, "timeout": 3, **options}})
    start = (
        "import sys, runpy\n"
        "try:\n"
        "    from ansible.module_utils.testing import patch_module_args\n"
        "except ImportError:\n"
        "    import contextlib; patch_module_args = lambda arguments: contextlib.nullcontext()\n"
        f"{before}\n"
        "import json\n"
        f"with patch_module_args(json.loads(sys.stdin.read())['ANSIBLE_MODULE_ARGS']):\n"
        f"    runpy.run_module('{MODULE}', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", start], input=arguments, capture_output=True, text=True, check=False)
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result, done.stdout + done.stderr


def right(port: int, **changes: Any) -> dict[str, Any]:
    return {
        "name": "right",
        "url": f"https://node.example:{port}/system",
        "connect_to": "127.0.0.1",
        "ca_certificates": ca().cert_pem.decode(),
        "certificate": combined(node()),
        **changes,
    }


def wrong(port: int, **changes: Any) -> dict[str, Any]:
    option = {**right(port), "name": "nobody", "expect": "refused", "control": "right", **changes}
    return {name: value for name, value in option.items() if value is not None}


def test_success_returns_results_and_table_and_no_change() -> None:
    with serving(orthanc(server_context(client_ca=ca()))) as port:
        result, _output = module(
            right(port, return_json=True),
            wrong(port, certificate=None),
            wrong(port, name="stranger", certificate=None, forge="unknown_ca"),
        )
    assert result["changed"] is False
    assert [(found["name"], found["ok"]) for found in result["results"]] == [
        ("right", True),
        ("nobody", True),
        ("stranger", True),
    ]
    assert result["results"][0]["json"]["Name"] == "archive"
    assert result["table"].count("\n") == 3


def test_a_failure_says_in_one_line_what_was_expected_and_seen() -> None:
    with serving(orthanc(server_context())) as port:
        result, _output = module(right(port), wrong(port, certificate=None), _ansible_check_mode=True)
    assert result["failed"] is True
    assert result["msg"] == "1 of 2 probes not as expected. nobody: expected refused, seen HTTP 200."
    assert [found["ok"] for found in result["results"]] == [True, False]


def test_no_key_and_no_password_is_ever_printed() -> None:
    with serving(orthanc(server_context(client_ca=ca()))) as port:
        secret = {"username": "orthanc", "password": "hunter22"}
        fine, output = module(right(port, **secret), _ansible_verbosity=4)
        broken, more = module(right(port, certificate="-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n", **secret))
    assert fine["results"][0]["ok"] and broken["failed"]
    key_lines = node().key_pem.decode().splitlines()[1:-1]
    assert not any(text in output + more for text in ["hunter22", "c2VjcmV0", "aHVudGVyMjI", *key_lines])


def test_a_path_stays_readable_in_an_error() -> None:
    result, _output = module(right(1, certificate="/etc/nowhere/server.pem"))
    assert result["msg"].startswith(
        "Probe 'right': certificate: server.pem in /etc/nowhere cannot be used (No such file or directory)"
    )


@pytest.mark.parametrize("needs", [{"forge": "unknown_ca"}, {"tls_maximum": "1.0"}], ids=["forged", "old TLS"])
def test_cryptography_is_needed_only_for_throwaway_certificates(needs: dict[str, str]) -> None:
    missing = "import sys; sys.modules['cryptography'] = None"
    with serving(answering(context=server_context())) as port:
        plain, _output = module(right(port), before=missing)
        option = {name: value for name, value in right(port, **needs).items() if name != "certificate"}
        forged, _output = module(option, before=missing)
    assert plain["results"][0]["ok"]
    assert "Failed to import the required Python library (cryptography)" in forged["msg"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"forge": "unknown_ca"}, "mutually exclusive: certificate|forge"),
        ({"username": "a"}, "required together: username, password"),
        ({"expect": "refused"}, "expect is refused but all of the following are missing: control"),
        ({"alerts": ["nonsense"]}, "value of alerts must be one or more of"),
    ],
)
def test_options_that_exclude_or_need_each_other(changes: dict[str, Any], text: str) -> None:
    result, _output = module(right(1, **changes))
    assert result["failed"] and text in result["msg"]


def test_documented_alerts_are_those_that_are_known() -> None:
    options = yaml.safe_load(probes.ModuleDocFragment.DOCUMENTATION)["options"]["probes"]["suboptions"]
    assert options["alerts"]["choices"] == sorted(ALERTS)


def test_the_examples_are_yaml_with_documented_options() -> None:
    documented = yaml.safe_load(probes.ModuleDocFragment.DOCUMENTATION)["options"]["probes"]["suboptions"]
    for task in yaml.safe_load(tls_probe.EXAMPLES):
        for probe in task["openimaging.orthanc.tls_probe"]["probes"]:
            assert set(probe) <= set(documented)
    assert Path(tls_probe.__file__).stem == yaml.safe_load(tls_probe.DOCUMENTATION)["module"]
