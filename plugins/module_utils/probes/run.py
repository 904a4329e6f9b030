# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run probes and compare what was seen with what is expected (standard library only).

A refusal counts only when its control, the same probe with the right credentials, was answered before and after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.options import Probe
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.client import observe
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.observations import Kind, Observation

Observations = dict[str, Observation]

_AT_ONCE = 8


@dataclass(frozen=True)
class Result:
    """A probe with what was seen of it last."""

    probe: Probe
    observation: Observation
    ok: bool
    seen: str

    @property
    def fails(self) -> bool:
        """Whether it is not as expected, and has to be."""
        return not self.ok and self.probe.required

    def as_dict(self) -> dict[str, Any]:
        """Return what the module returns for a probe."""
        facts = {
            "name": self.probe.name,
            "url": self.probe.url,
            "expected": expected(self.probe),
            "seen": self.seen,
            "ok": self.ok,
            "status": self.observation.status,
            "alert": self.observation.alert,
            "tls_version": self.observation.tls_version,
            "fingerprint_sha256": self.observation.fingerprint_sha256,
            "error": self.observation.error,
            "control": self.probe.control,
        }
        if self.probe.return_json:
            facts["json"] = self.observation.json
        return facts


def run(
    probes: Sequence[Probe],
    *,
    timeout: float,
    retries: int = 0,
    delay: float = 1.0,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Result]:
    """Run all probes, and again those that are not as expected; C(timeout) and C(delay) are in seconds."""
    _check_times(timeout, retries, delay)
    results = _round(probes, timeout)
    for _retry in range(retries):
        again = _worth_a_retry(results)
        if not again:
            break
        sleep(delay)
        results.update(_round(again, timeout))
    return [results[probe.name] for probe in probes]


def _check_times(timeout: float, retries: int, delay: float) -> None:
    if timeout <= 0:
        raise OrthancTlsError(f"timeout: found {timeout:g}, expected more than 0 seconds.")
    for name, value in (("retries", retries), ("delay", delay)):
        if value < 0:
            raise OrthancTlsError(f"{name}: found {value:g}, expected 0 or more.")


def expected(probe: Probe) -> str:
    """Say what a probe expects."""
    ways = [f"HTTP {status}" for status in probe.statuses] + [f"TLS alert {alert}" for alert in probe.alerts]
    if not probe.refused:
        return f"answered: {_either(ways) or 'HTTP 2xx'}" + (
            f" by certificate {_short(probe.fingerprint_sha256)}" if probe.fingerprint_sha256 else ""
        )
    if probe.no_access:
        return f"no access: {_either(['no connection', *ways])}"
    return f"refused: {_either(ways)}" if ways else "refused"


def _round(probes: Sequence[Probe], timeout: float) -> dict[str, Result]:
    """Ask for answers, then for refusals, then for the answers beside them once more."""
    answers = [probe for probe in probes if not probe.refused]
    refusals = [probe for probe in probes if probe.refused]
    seen = _all(answers, timeout)
    seen.update(_all(refusals, timeout))
    results = {probe.name: _answer_result(probe, seen[probe.name]) for probe in answers}
    controls = {probe.control for probe in refusals}
    after = _all([probe for probe in answers if probe.name in controls and results[probe.name].ok], timeout)
    for probe in answers:
        if probe.name in after:
            results[probe.name] = _answer_result(probe, after[probe.name])
    for probe in refusals:
        results[probe.name] = _refusal_result(probe, seen[probe.name], results[probe.control or ""])
    return results


def _all(probes: Sequence[Probe], timeout: float) -> Observations:
    if len(probes) < 2:
        return {probe.name: _observe(probe, timeout) for probe in probes}
    with ThreadPoolExecutor(min(len(probes), _AT_ONCE)) as pool:
        seen = pool.map(lambda probe: _observe(probe, timeout), probes)
        return {probe.name: observation for probe, observation in zip(probes, seen, strict=True)}


def _observe(probe: Probe, timeout: float) -> Observation:
    if probe.hindrance is not None:
        return Observation(Kind.IMPOSSIBLE, probe.hindrance)
    return observe(probe.target, probe.context, probe.request, timeout)


def _worth_a_retry(results: Mapping[str, Result]) -> list[Probe]:
    """Return what is not as expected, each refusal with its control: they count only together."""
    wrong = [
        result.probe for result in results.values() if not result.ok and result.observation.kind is not Kind.IMPOSSIBLE
    ]
    names = {probe.name for probe in wrong} | {probe.control for probe in wrong}
    return [result.probe for result in results.values() if result.probe.name in names]


def _answer_result(probe: Probe, observation: Observation) -> Result:
    status = observation.status
    if status is None or not _accepted(probe, status):
        return Result(probe, observation, False, _in_full(observation))
    served = observation.fingerprint_sha256
    if probe.fingerprint_sha256 not in (None, served):
        return Result(probe, observation, False, f"{observation.text}, but by certificate {_short(served)}")
    return Result(probe, observation, True, observation.text)


def _refusal_result(probe: Probe, observation: Observation, control: Result) -> Result:
    seen = _in_full(observation)
    if not _is_refusal(probe, observation):
        return Result(probe, observation, False, seen)
    if probe.presents and observation.alert == "certificate_required":
        return Result(probe, observation, False, f"{seen}, although one was presented: proves nothing")
    if not control.ok:
        return Result(
            probe, observation, False, f"{seen}; but its control '{control.probe.name}' failed: proves nothing"
        )
    return Result(probe, observation, True, seen)


def _is_refusal(probe: Probe, observation: Observation) -> bool:
    """Whether the server itself refused, in the way that is expected; without one, in any way but an HTTP answer.

    Where nobody is to have access, no connection and one without an answer are as good.
    """
    if probe.no_access and observation.kind in (Kind.UNREACHED, Kind.UNANSWERED, Kind.ALERT):
        return True
    if probe.statuses or probe.alerts:
        return observation.status in probe.statuses or observation.alert in probe.alerts
    return observation.kind in (Kind.ALERT, Kind.UNANSWERED)


def _accepted(probe: Probe, status: int) -> bool:
    return status in probe.statuses if probe.statuses else 200 <= status <= 299


def _in_full(observation: Observation) -> str:
    return f"{observation.text} ({observation.detail})" if observation.detail else observation.text


def _short(fingerprint: str | None) -> str:
    return f"{(fingerprint or '?')[:16]}…"


def _either(ways: Sequence[str]) -> str:
    return " or ".join(ways)
