# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of an enrolment on a node, as the control node's half of C(certificate) asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.enrolment import Enrolment


def perform(parameters: Mapping[str, Any], *, check_mode: bool, now: datetime | None = None) -> dict[str, Any]:
    """Do the step that the action plugin asks for in C(enrolment), and return the module's result."""
    request = dict(parameters["enrolment"])
    step, spec = request.pop("step"), request.pop("spec")
    now = now or datetime.now(UTC)
    if step == "keep_up":
        # Late, as the other steps need nothing of it.
        from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.self_signing import PinnedEnrolment

        pinned = PinnedEnrolment.of(parameters, spec, check_mode=check_mode, now=now)
        return pinned.keep_up(check_mode=check_mode, **request)
    enrolment = Enrolment.of(parameters, spec, check_mode=check_mode, now=now)
    if step == "inspect":
        return enrolment.inspect(check_mode=check_mode, **request)
    return enrolment.install(**request) if step == "install" else enrolment.withdraw(**request)
