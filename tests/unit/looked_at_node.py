# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node in a folder that is looked at: an identity, services with records, and programs that answer as we like."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, made_folder
from fake_programs import Programs
from identities import Node
from recorded_service import SECRET
from recorded_service import Node as Recorded

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.look_options import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.node import look
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import program as nginx_program
from ansible_collections.openimaging.orthanc.plugins.module_utils.services import record as service_record

UNIT = "orthanc.service"
UNITS = "LoadState=loaded\nActiveState=active\nMainPID=7\nInvocationID=first\nActiveEnterTimestamp=\n"
UNITS += "ExecStart={ path=/usr/sbin/Orthanc ; argv[]=/usr/sbin/Orthanc /nosuch/orthanc ; ignore_errors=no }\n"


class LookedAt:
    """A healthy node, but for its port, on which nothing listens."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "node"
        self.folder.mkdir()
        monkeypatch.setenv("PATH", f"{self.folder / 'bin'}:{os.environ['PATH']}")
        self.recorded = Recorded(self.folder)
        self.programs = Programs(folder, monkeypatch)
        self.identity = Node(made_folder(folder), self.folder / "tls")
        self.identity.run()
        self.record()
        owned = f"orthanc: {self.recorded.config}\n"
        self.programs.answer("dpkg-query", f"orthanc\tinstall\tinstalled\t1.12.7+dfsg-4\n{owned}")
        self.programs.answer("dpkg")
        self.programs.answer("ss", 'LISTEN 0 50 0.0.0.0:443 0.0.0.0:* users:(("nginx",pid=7,fd=6))\n')
        monkeypatch.setattr(nginx_program, "versions", lambda: None)

    def record(self) -> None:
        """Record the service's files, and the identity, as healthy."""
        service_record.write(str(self.recorded.record), UNIT, self.files(), check_mode=False)

    def files(self) -> list[str]:
        return [*self.recorded.paths, str(self.identity.current)]

    def options(self, **changes: Any) -> dict[str, Any]:
        """Return what the module is given, with its defaults."""
        service = {
            "name": "orthanc",
            "unit": UNIT,
            "record": str(self.recorded.record),
            "files": self.files(),
            "certificate": None,
        }
        return {
            **{name: option.get("default") for name, option in ARGUMENT_SPEC.items()},
            "path": str(self.identity.path),
            "executable": str(self.folder / "Orthanc"),
            "packages": ["orthanc", "nginx"],
            "files": [*self.recorded.paths, str(self.identity.file("key.pem")), str(self.identity.current)],
            "hand_made": {"folder": str(self.folder / "etc"), "package": "orthanc", "unit": "own.service"},
            "folders": [str(self.folder / "tls")],
            "ports": [443],
            "nginx_site": "/etc/nginx/sites-enabled/zz-orthanc.conf",
            "services": [{**service, "host": "127.0.0.1", "port": None, "server_name": None}],
            "probes": [],
            **changes,
        }

    def look(self, **changes: Any) -> dict[str, Any]:
        return look(self.options(**changes), NOW)

    def secrets(self) -> list[str]:
        """Return a password, and the lines of the private key."""
        key = self.identity.file("key.pem").read_text().splitlines()
        return [SECRET, *(line for line in key if not line.startswith("-----"))]


def traced(run: Callable[[], object], report: Callable[[str, tuple[Any, ...]], None]) -> None:
    """Run in a child process in which every audited event of Python is reported; hooks stay until a process ends."""
    import sys

    child = os.fork()
    if not child:
        status = 1
        try:
            sys.addaudithook(report)
            run()
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
