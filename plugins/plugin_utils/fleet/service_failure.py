# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person is told where a service did not become healthy: why, and how the node stands now."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import CURRENT
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import Service

_NAMES = {CURRENT: "certificate"}


def failure_text(host: str, service: Service, answer: Mapping[str, Any]) -> str:
    """Say what C(service_load) answered of a service that failed."""
    reason = str(answer.get("msg") or "no reason was given").strip()
    if not answer["changed"]:
        lead = f"{host}: {service.title} has loaded what is on disk, and does not answer as it should."
        return "\n".join([lead, reason, *_log(service, answer)])
    lead = f"{host}: {service.title} did not come back healthy{_with_what(answer)}."
    return "\n".join([lead, reason, *_log(service, answer), _outcome(service, answer), *_hold(host, answer)])


def cut_text(host: str, service: Service, cut: int) -> str:
    """Say that a restart has cut what ran for longer than it was waited for."""
    return (
        f"{host}: {service.title} was restarted while {cut} connections or jobs were open, as "
        f"orthanc_restart_grace ({service.grace // 60}m) was over. Look whether their senders try again."
    )


def _with_what(answer: Mapping[str, Any]) -> str:
    """Name what it had not loaded before, which is where to look for the cause."""
    paths = [str(one["path"]) for one in answer.get("differs", ())]
    files = [_NAMES.get(os.path.basename(path), os.path.basename(path)) for path in paths if path.startswith("/")]
    return f" with the new {' and '.join(files)}" if files else ""


def _log(service: Service, answer: Mapping[str, Any]) -> list[str]:
    if service.explain is None:
        return []
    log = str(answer.get("log") or "")
    return [service.explain(log), "The end of its log:", log or "(there is no log)"]


def _outcome(service: Service, answer: Mapping[str, Any]) -> str:
    back = str(answer.get("back_failure") or "").strip()
    if not answer["restored"]:
        if back:
            return f"What it was last healthy with could not be put back: {back}"
        if service.withdrawn:
            return f"There was no healthy state to go back to, so {', '.join(service.withdrawn)} was removed again."
        return f"There was no healthy state to go back to, so {service.title} is stopped."
    if answer.get("back") == "healthy":
        return "The certificate and configuration it was last healthy with are live again."
    if answer.get("back") == "as found":
        return "What it ran with before is live again, and so is whatever was open then."
    if answer.get("back") == "not asked":
        return (
            "What it ran with before was put back and is loaded again. Whether it answers was not asked, as an earlier "
            "version of the collection recorded it."
        )
    return (
        "The certificate and configuration it was last healthy with were put back, and it does not answer with them "
        f"either: {back}"
    )


def _hold(host: str, answer: Mapping[str, Any]) -> list[str]:
    if not answer.get("held"):
        return []
    return [
        "The certificate is held from now on, so that no run tries the other one again before you release it:",
        f"rollback.yml --limit {host} -e rollback_release=true",
    ]
