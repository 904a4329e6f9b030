# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run will do on one node and why: a pure function of what the node should have and what a look has seen."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.metrics import places
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.loading import RESTARTED
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import Service
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import (
    METRICS,
    ORTHANC,
    WantedFile,
    WantedNode,
)

NONE = "none"
RELOAD = "reload"
RESTART = "restart"

_REASONS = {
    "missing": "there is none yet",
    "damaged": "the present one is damaged",
    "issuer_changed": "another CA issues now",
    "names_changed": "the names have changed",
    "key_changed": "another type of key is asked for",
    "expired": "the certificate has expired",
    "expiring": "the certificate is due for renewal",
    "forced": "a new one was asked for",
    "trust_changed": "others are trusted now",
}


@dataclass(frozen=True)
class PlannedStep:
    """One thing that will be done: to which part of the node, what, why, and what it interrupts.

    C(loads) is the name of the service that loads what is new.
    """

    part: str
    what: str
    why: str
    interruption: str = NONE
    loads: str | None = None


def steps(wanted: WantedNode, look: NodeLook, *, news: bool = False) -> list[PlannedStep]:
    """Return what is to be done, in the order in which it will be; nothing for a node that is as it should be.

    C(news) says that others have to be told by which certificates the node is known.
    """
    identity = list(_identity(wanted, look))
    found = [*_packages(wanted, look), *identity]
    if news:
        found.append(PlannedStep("identity", "make known by which certificates it is known", "they have changed"))
    for service in wanted.services:
        files = [*_files(wanted, look, service.name, service.title), *(_shim(look) if service.name == ORTHANC else ())]
        awaited = _waits(wanted, look) and not files
        touched = bool(files) or (service.reads_identity and bool(identity))
        found += [*files, *_service(service, look, touched=touched, awaited=awaited)]
    return [*found, *_absent(wanted, look), *_metrics(wanted, look)]


def missing_packages(wanted: WantedNode, look: NodeLook) -> list[str]:
    """Return the packages that are wanted and not installed."""
    return [name for name in wanted.packages if look.packages[name].version is None]


def is_due_for_renewal(wanted: WantedNode, look: NodeLook) -> bool:
    """Whether a certificate or what is trusted has to become another one, or waits to be loaded by what serves it."""
    server_certificate = look.server_certificate is not None and look.server_certificate.changed
    running = (one for one in wanted.services if look.units[one.unit].active_state == "active")
    return server_certificate or any(_identity(wanted, look)) or any(_not_loaded(service, look) for service in running)


def _packages(wanted: WantedNode, look: NodeLook) -> Iterator[PlannedStep]:
    missing = missing_packages(wanted, look)
    if missing:
        yield PlannedStep("packages", f"install {', '.join(missing)}", "not installed")


def _identity(wanted: WantedNode, look: NodeLook) -> Iterator[PlannedStep]:
    outcome = look.enrolment
    if outcome is None:
        return
    if outcome.reason is not None and outcome.pending:
        yield PlannedStep("identity", "ask again for what was ordered", f"it was not there on {outcome.pending.since}")
    elif outcome.reason is not None:
        new = "new key, and the certificate once it is issued" if _waits(wanted, look) else "new key and certificate"
        what = new if outcome.renewed else "new trust, the certificate stays"
        yield PlannedStep("identity", what, _REASONS[outcome.reason])
    elif outcome.waiting_sha256:
        yield PlannedStep("identity", "activate the certificate that waits", "as soon as all who must trust it do")


def _waits(wanted: WantedNode, look: NodeLook) -> bool:
    """Whether a certificate is due that its issuer may give in a later run."""
    return wanted.node.issuer.answers_later and look.enrolment is not None and look.enrolment.renewed


def _files(wanted: WantedNode, look: NodeLook, service: str, title: str) -> Iterator[PlannedStep]:
    by_reason: dict[str, list[str]] = {}
    for file in wanted.files:
        if file.service == service and (why := _difference(file, look)):
            by_reason.setdefault(why, []).append(file.path)
    for why, paths in by_reason.items():
        yield PlannedStep(title, f"write {', '.join(map(os.path.basename, paths))}", why)
    if service == ORTHANC and look.server_certificate and look.server_certificate.changed:
        yield PlannedStep(title, "install the server certificate", "it is another one")


def _difference(file: WantedFile, look: NodeLook) -> str | None:
    seen = look.files[file.path]
    if seen.kind == "missing":
        return "there is none yet"
    if file.sha256 is not None and seen.sha256 != file.sha256:
        return "its content changes"
    if file.owner is not None and seen.owner != file.owner:
        return f"it belongs to {seen.owner}"
    if seen.group != file.group or seen.mode is None or int(seen.mode, 8) != file.mode:
        return f"it has the group {seen.group} and the mode {seen.mode}"
    return None


def _shim(look: NodeLook) -> Iterator[PlannedStep]:
    civetweb = look.civetweb
    if civetweb is not None and not civetweb.right:
        yield PlannedStep("Orthanc", "work around a defect of Debian's web server", civetweb.reason or "needed")


def _service(service: Service, look: NodeLook, *, touched: bool, awaited: bool) -> Iterator[PlannedStep]:
    interruption = RESTART if service.how == RESTARTED else RELOAD
    if look.units[service.unit].active_state != "active":
        yield PlannedStep(service.title, "start", "it does not run", loads=service.name)
        return
    loaded = "to load the certificate, once it is issued" if awaited else "to load the changes"
    why = loaded if touched else _not_loaded(service, look)
    if why and service.how == RESTARTED:
        why += f"; {_cuts(service.grace)}"
    if why:
        yield PlannedStep(service.title, interruption, why, interruption, service.name)
    elif silent := _silent(service, look):
        # To restart what has nothing new to load would only cut off those it does answer.
        waits = service.how == RESTARTED
        what, cost = ("wait until it answers", NONE) if waits else (interruption, interruption)
        yield PlannedStep(service.title, what, silent, cost, service.name)


def _cuts(grace: int) -> str:
    """Say what a restart does to what runs. The seconds are whole minutes."""
    if not grace:
        return "this cuts uploads, DICOM transfers and jobs that run then"
    return f"uploads, DICOM transfers and jobs are waited for up to {grace // 60}m, then cut"


def _not_loaded(service: Service, look: NodeLook) -> str | None:
    seen = look.services[service.name]
    if seen.record is None:
        return seen.fault or "there is no record of what it was healthy with"
    if seen.record.differs:
        return "; ".join(f"{one.path}: {one.why}" for one in seen.record.differs[:2])
    # A port that says nothing is another matter: what runs may be starting.
    return seen.not_loaded if service.has_identity and seen.served else None


def _silent(service: Service, look: NodeLook) -> str | None:
    seen = look.services[service.name]
    if service.has_identity and seen.not_loaded:
        return seen.not_loaded
    wrong = [result for result in look.answers.results if not result.ok and result.name.startswith(f"{service.name}: ")]
    return f"it does not answer as it should ({wrong[0].seen})" if wrong else None


def _absent(wanted: WantedNode, look: NodeLook) -> Iterator[PlannedStep]:
    there = [path for path in wanted.absent if look.files[path].kind != "missing"]
    if there:
        yield PlannedStep("front-end", f"remove {', '.join(there)}", "Orthanc speaks TLS itself", RELOAD)


def _metrics(wanted: WantedNode, look: NodeLook) -> Iterator[PlannedStep]:
    files = [*_files(wanted, look, METRICS, METRICS)]
    yield from files
    if wanted.metrics and not files and not _metrics_run(look):
        yield PlannedStep(METRICS, f"start {places.TIMER_UNIT}", "it does not run as its files say")
    there = [path for path in wanted.retired if look.files[path].kind != "missing"]
    if there:
        yield PlannedStep(
            METRICS, f"remove {', '.join(map(os.path.basename, there))}", "orthanc_metrics_dir is not set"
        )


def _metrics_run(look: NodeLook) -> bool:
    timer, service = look.units[places.TIMER_UNIT], look.units[places.SERVICE_UNIT]
    return timer.active_state == "active" and not timer.needs_reload and not service.needs_reload


def to_arguments(found: list[PlannedStep]) -> list[Mapping[str, Any]]:
    """Return steps as a task's result holds them."""
    return [asdict(step) for step in found]
