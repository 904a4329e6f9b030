# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that answer what a test wants them to, instead of executing the module that they were sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from authorities import PASSPHRASE

ROOT = Path(__file__).parents[2]

# Ansible runs an interpreter with one argument: the path of the module, wrapped as AnsiballZ_<name>.py.
_INTERPRETER = """#!{python} -IS
import json, pathlib, sys
name = pathlib.Path(sys.argv[1]).stem.removeprefix("AnsiballZ_")
here = pathlib.Path(__file__).parent
with open(here / "asked", "a") as asked:
    asked.write(name + chr(10))
answers = json.loads((here / "answers.json").read_text())
answer = answers.get(name, {{}})
print(json.dumps({{"changed": False, **answers["*"], **answer}}))
"""


class FakeFleet:
    """An inventory of fake hosts in a folder, and the playbooks that are run over it."""

    def __init__(self, folder: Path, hosts: Mapping[str, Mapping[str, Any]], variables: Mapping[str, Any]) -> None:
        self.folder = folder
        self.ca = folder / "ca"
        for host in hosts:
            self.answers(host)
        inventory = {
            "orthanc": {
                "hosts": {
                    host: {"ansible_python_interpreter": str(self._node(host) / "python"), **own}
                    for host, own in hosts.items()
                },
                "vars": {
                    "ansible_connection": "local",
                    "ansible_become": False,
                    "orthanc_ca_dir": str(self.ca),
                    "orthanc_ca_passphrase": PASSPHRASE,
                    **variables,
                },
            }
        }
        (folder / "inventory.yml").write_text(yaml.safe_dump(inventory, sort_keys=False))

    def answers(self, host: str, everywhere: Mapping[str, Any] | None = None, **by_module: Any) -> None:
        """Let a host answer every module with C(everywhere), and some modules with more."""
        node = self._node(host)
        node.mkdir(parents=True, exist_ok=True)
        (node / "answers.json").write_text(json.dumps({"*": everywhere or {}, **by_module}))
        (node / "python").write_text(_INTERPRETER.format(python=sys.executable))
        (node / "python").chmod(0o755)

    def told(self, host: str) -> dict[str, Any]:
        """Return what a host answers, by module."""
        answers: dict[str, Any] = json.loads((self._node(host) / "answers.json").read_text())
        return {module: answer for module, answer in answers.items() if module != "*"}

    def asked(self, host: str) -> list[str]:
        """Return the modules that a host was sent, in order."""
        file = self._node(host) / "asked"
        return file.read_text().split() if file.exists() else []

    def play(self, playbook: str | Path, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run a playbook of the collection, or a file; return its status and all of its output."""
        name = str(playbook) if isinstance(playbook, Path) else f"openimaging.orthanc.{playbook}"
        return self.run("ansible-playbook", "-i", "inventory.yml", *arguments, name, **environment)

    def run(self, program: str, *arguments: str, typed: str = "", **environment: str) -> tuple[int, str]:
        """Run a program of Ansible's in the folder, and type what it asks for; return its status and its output."""
        done = subprocess.run(
            [Path(sys.executable).with_name(program), *arguments],
            env={
                **os.environ,
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_PIPELINING": "0",
                "ANSIBLE_LOCAL_TEMP": str(self.folder / "local"),
                "ANSIBLE_REMOTE_TEMP": str(self.folder / "remote"),
                **environment,
            },
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            input=typed,
            start_new_session=True,  # without a terminal, so that a password is read from what is typed
        )
        return done.returncode, done.stdout + done.stderr

    def written(self, names: Sequence[str]) -> list[str]:
        """Return the files below some folders of the CA."""
        return sorted(str(file.relative_to(self.ca)) for name in names for file in (self.ca / name).glob("*"))

    def _node(self, host: str) -> Path:
        return self.folder / "nodes" / host
