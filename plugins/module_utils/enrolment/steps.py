# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of an enrolment on a node, as the control node's half of C(certificate) asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.enrolment import Enrolment
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.execution import Execution
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.request import InspectRequest


def perform(parameters: Mapping[str, Any], *, check_mode: bool, now: datetime | None = None) -> dict[str, Any]:
    """Do the step that the action plugin asks for in C(enrolment), and return the module's result."""
    asked = {name: value for name, value in parameters["enrolment"].items() if name not in ("step", "spec")}
    step = parameters["enrolment"]["step"]
    execution = Execution.of(parameters, check_mode=check_mode, now=now or datetime.now(UTC))
    if step == "inspect":
        return _inspect(execution, InspectRequest.from_arguments(asked), check_mode=check_mode)
    enrolment = Enrolment(execution)
    steps: dict[str, Callable[..., dict[str, Any]]]
    steps = {"install": enrolment.install, "withdraw": enrolment.withdraw, "wait": enrolment.wait}
    return steps[step](**asked)


def _inspect(execution: Execution, request: InspectRequest, *, check_mode: bool) -> dict[str, Any]:
    if request.self_signing is None:
        return Enrolment(execution).inspect(request, check_mode=check_mode)
    # Late, as a node whose leaf the control node signs needs nothing of it.
    from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.self_signing import SelfSigning

    signing = SelfSigning(execution, request.self_signing)
    return signing.inspect(request.accepted, request.clock, check_mode=check_mode)
