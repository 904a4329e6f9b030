# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alert rules fire for what they are for, are tested one by one, and use only metrics that a report has."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml
from reported_fleet import report, star

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.metrics import metrics

ROOT = Path(__file__).parents[3]
RULES = ROOT / "docs" / "prometheus" / "orthanc_tls.rules.yml"
CASES = Path(__file__).parent / "alerts.yml"


def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    return found


def test_rules_use_only_metrics_that_a_report_has() -> None:
    written = set(re.findall(r"^# TYPE (\S+) gauge$", metrics(report(star(1))), re.MULTILINE))
    assert {name for rule in rules() for name in re.findall(r"orthanc_tls_\w+", rule["expr"])} <= written


def test_every_alert_names_a_page_of_the_documentation() -> None:
    assert [rule["alert"] for rule in rules() if not (ROOT / rule["annotations"]["documentation"]).is_file()] == []


def test_every_alert_is_seen_firing_and_silent() -> None:
    cases = [case for test in yaml.safe_load(CASES.read_text())["tests"] for case in test["alert_rule_test"]]
    alerts = {rule["alert"] for rule in rules()}
    assert {case["alertname"] for case in cases if case["exp_alerts"]} == alerts
    assert {case["alertname"] for case in cases if not case["exp_alerts"]} == alerts


def test_promtool_sees_each_alert_fire_where_it_should_and_nowhere_else(tmp_path: Path) -> None:
    for file in (RULES, CASES):
        shutil.copy(file, tmp_path)
    command = ["promtool", "test", "rules", CASES.name]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
