# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd says about a service (standard library only)."""

from __future__ import annotations

import datetime
import subprocess
from dataclasses import dataclass

_PROPERTIES = "LoadState,ActiveState,InvocationID,ActiveEnterTimestamp"
_SECONDS = 60


@dataclass(frozen=True)
class ServiceState:
    """A unit's C(state) is systemd's ActiveState, or C(not-found); C(started) is seconds since 1970 in UTC."""

    state: str
    invocation: str
    started: float

    @property
    def alive(self) -> bool:
        """Whether there is a process, or will be: systemd starts one that ended again, up to a limit of its own."""
        return self.running or self.state == "activating"

    @property
    def running(self) -> bool:
        """Whether the service runs. A service that reloads its configuration does."""
        return self.state in ("active", "reloading")


def service_state(unit: str) -> ServiceState:
    """Ask systemd about a unit. A host without systemd, or without the unit, has it as C(not-found)."""
    try:
        answer = subprocess.run(
            ["systemctl", "show", "--timestamp=us+utc", f"--property={_PROPERTIES}", "--", unit],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        return ServiceState("not-found", "", 0)
    values = dict(line.partition("=")[::2] for line in answer.stdout.splitlines())
    if values.get("LoadState", "not-found") == "not-found":
        return ServiceState("not-found", "", 0)
    return ServiceState(values["ActiveState"], values["InvocationID"], _seconds(values["ActiveEnterTimestamp"]))


def _seconds(timestamp: str) -> float:
    """Read C(Tue 2026-11-24 11:35:39.123456 UTC); a unit that was never active has no such time."""
    if timestamp in ("", "n/a"):
        return 0
    when = datetime.datetime.strptime(timestamp.split(" ", 1)[1], "%Y-%m-%d %H:%M:%S.%f UTC")
    return when.replace(tzinfo=datetime.UTC).timestamp()
