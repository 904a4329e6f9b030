# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(fleet_report) writes the report of a run on the control node, and shows it in a few lines."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ansible.utils.display import Display

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import make_folder, write_file
from ansible_collections.openimaging.orthanc.plugins.modules.fleet_report import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.actions import LocalAction
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.info import authority_info
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.as_json import as_json
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.as_text import text_lines
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.collect import (
    Surroundings,
    now_and,
    report_of,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.metrics import metrics
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.page import page

PAGE, DATA, METRICS = "report.html", "report.json", "orthanc_fleet.prom"


class ActionModule(LocalAction):
    """Write it once for a run."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Run the task on the control node."""
        options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)[1]
        fleet, hostvars = self.fleet(variables), variables["hostvars"]
        horizon = now_and(options["days"], datetime.now(UTC))
        around = _around(fleet, options["ca_path"], hostvars[variables["inventory_hostname"]])
        report = report_of(fleet, options["hosts"], hostvars, around, horizon)
        files = {
            os.path.join(options["path"], PAGE): page(report),
            os.path.join(options["path"], DATA): as_json(report),
        }
        if not self._task.check_mode:
            _write(options["path"], files)
            if os.path.isdir(options["metrics_path"] or ""):
                files |= _write_metrics(os.path.join(options["metrics_path"], METRICS), metrics(report))
        written = [] if self._task.check_mode else [*files]
        Display().display("\n".join(text_lines(report, written)))
        return {"changed": False, "well": report.well, "sentence": report.sentence, "written": written}


def _write(path: str, files: Mapping[str, str]) -> None:
    """Write names of hosts and their faults for those who may read the folder, which is not everybody's."""
    if not os.path.isdir(os.path.dirname(path.rstrip("/"))):
        raise OrthancTlsError(
            f"report_dir is {path}: its parent must already exist. Create it, or name another folder."
        )
    if not os.path.isdir(path):
        make_folder(path, 0o750)
    for file, text in files.items():
        write_file(file, text.encode(), mode=0o640)


def _write_metrics(file: str, text: str) -> Mapping[str, str]:
    try:
        write_file(file, text.encode(), mode=0o644)
    except OSError as error:
        raise OrthancTlsError(
            f"{file}: {error.strerror}. Let this user write in that folder (orthanc_metrics_dir); report.html and "
            "report.json were written."
        ) from error
    return {file: text}


def _around(fleet: Fleet, ca_path: str, variables: Mapping[str, Any]) -> Surroundings:
    """Read the CA folder where there is one; that it cannot be read is told, and keeps no report from being made."""
    if not any(fleet.issuer(host).has_ca_folder for host in fleet.hosts):
        return Surroundings()
    listed = [str(client["name"]) for client in _dictionaries(variables.get("orthanc_clients"))]
    try:
        info = authority_info(ca_path, datetime.now(UTC))
    except OrthancTlsError as error:
        return Surroundings(listed_clients=listed, faults=[f"The CA folder cannot be read: {plain(error)}"])
    warnings = [plain(warning) for warning in info["warnings"]]
    return Surroundings(info["authorities"], info["clients"], listed, warnings)


def _dictionaries(listed: Any) -> Sequence[Mapping[str, Any]]:
    return [one for one in listed if isinstance(one, Mapping) and "name" in one] if isinstance(listed, list) else []
