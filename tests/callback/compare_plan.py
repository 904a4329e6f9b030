# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: compare_plan
type: aggregate
short_description: Compare what a run has changed on each node with what its plan announced
version_added: 0.1.0
author: openimaging.orthanc contributors (@openimaging)
description:
  - Says at the end of a run, as an error, where a node was changed in a way that its plan did not announce, or a step
    was not taken. Where a host has failed, batches that follow it are left out, so that only the former is compared. So
    it is on a node that waits for its issuer.
  - Runs in check mode are not compared, nor playbooks that make no plan.
"""

Step = Mapping[str, Any]
Change = tuple[str, str]
"""A module that has changed something, without its collection, and the service for which it did so."""

SAID = "The run did not do what its plan said"
_OF_PACKAGES = ("apt", "file", "command")
_OF_ORTHANC = ("node_files", "pem_bundle", "civetweb_shim")
_WRITES: dict[str, Callable[[Step], bool]] = {
    **dict.fromkeys(_OF_PACKAGES, lambda step: step["part"] == "packages"),
    **dict.fromkeys(_OF_ORTHANC, lambda step: step["part"] == "Orthanc" and not step["loads"]),
    "certificate": lambda step: step["part"] == "identity",
    "metrics_timer": lambda step: step["part"] == "metrics",
    "nginx_site": lambda step: step["part"] == "nginx" and not step["loads"],
}
_MAY_WAIT = ("activate", "make known", "wait until")
"""How steps begin of which a run may leave the node as it is."""


def differences(steps: Sequence[Step], changes: Collection[Change], *, complete: bool, staging: bool) -> list[str]:
    """Return where the changes of one node are not those of its plan.

    C(complete) says that the run came to its end. Where nodes sign for themselves (C(staging)), each may be told of
    others' new certificates.
    """
    fresh = any(step["part"] == "packages" for step in steps)
    found = []
    for module, service in sorted(changes):
        allowed = (staging and module in ("certificate", "service_load")) or (fresh and module in _OF_ORTHANC)
        if not allowed and not any(_announces(step, module, service) for step in steps):
            found.append(f"{module} {service} was not announced".replace("  ", " "))
    for step in steps if complete else ():
        if not step["what"].startswith(_MAY_WAIT) and not any(_announces(step, *change) for change in changes):
            found.append(f"'{step['part']}: {step['what']}' was announced")
    return found


def _announces(step: Step, module: str, service: str) -> bool:
    if module == "service_load":
        return step["loads"] == service or (service == "frontend" and step["part"] == "front-end")
    return module in _WRITES and _WRITES[module](step)


class CallbackModule(CallbackBase):
    """Note plans and changes, and compare them at the end."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "compare_plan"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        """Begin without a plan."""
        super().__init__()
        self.plans: dict[str, Sequence[Step]] = {}
        self.changes: dict[str, set[Change]] = {}
        self.staging: set[str] = set()
        self.waiting: set[str] = set()
        self.play: Any = None

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Note where variables can be asked for."""
        self.play = play

    def v2_runner_on_ok(self, result: Any) -> None:
        """Note a plan, or a change of what was planned."""
        task, host, data = result._task, result._host, result._result
        module = str(task.action).rpartition(".")[2]
        module = task.args["name"] if module == "ansible_module" else module
        if module == "node_look" and data.get("story") in ("site", "rotate") and not task.check_mode:
            variables = self.play.get_variable_manager().get_vars(play=self.play, host=host)
            if variables.get("orthanc_issuer") == "selfsigned":
                self.staging.add(host.name)
            self.plans[host.name], self.changes[host.name] = data["steps"], set()
        elif host.name in self.plans and (module in _WRITES or module == "service_load") and not task.delegate_to:
            if module == "certificate" and data.get("pending"):
                self.waiting.add(host.name)
            for one in data.get("results", [data]):
                if one.get("changed") and not task.check_mode:
                    service = str(one.get("item") or task.args.get("service", "")) if module == "service_load" else ""
                    self.changes[host.name].add((module, service))

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Compare."""
        complete = not stats.failures and not stats.dark
        for host, steps in self.plans.items():
            through = complete and host not in self.waiting
            for text in differences(steps, self.changes[host], complete=through, staging=host in self.staging):
                self._display.error(f"{SAID}: {host}: {text}", wrap_text=False)
