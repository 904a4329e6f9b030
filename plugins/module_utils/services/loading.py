# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let a service load what is on disk, ask whether it is healthy, and record that, or put back what it was healthy with.

The one way in which any service of a node takes a new identity or configuration (standard library only).
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.options import read_probes
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.run import Result
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.run import run as run_probes
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.table import failure_report
from ansible_collections.openimaging.orthanc.plugins.module_utils.services import record, systemd
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.log_tail import end_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.state import service_state
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.transfers import (
    connections,
    unfinished_jobs,
    wait_until_none,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.observations import Kind
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.first_certificate import (
    first_certificate_sha256,
)

RELOADED = "reloaded"
RESTARTED = "restarted"

_PROBE_SECONDS = 10
_DELAY = 1  # second between two tries
_BACK_SECONDS = 180  # that a service may take until it listens again; the task ends soon after, and has to say so


@dataclass(frozen=True)
class Loading:
    """A service of this node, and what it takes to have it load what is on disk.

    C(how) is C(RELOADED) or C(RESTARTED). C(files) are all that it reads, C(None) those of its record. C(test) is a
    command that fails where its configuration cannot be loaded. C(certificate) is the PEM file whose first certificate
    it must serve. It is asked again every second, for C(patience) seconds once it listens, and for C(start_timeout)
    seconds before, as long as it lives. C(identity) is the folder of the identity, which is held where it goes back,
    with C(reason). C(log) is where the service says why it failed.

    Before a restart, clients of its C(ports) and its jobs, which it tells of at C(jobs), are waited for up to C(grace)
    seconds.

    Where it was never seen healthy, C(withdrawn) are the files that are removed, and C(without) is the command by
    which it goes on without them; a service that has none is stopped.
    """

    unit: str
    how: str
    record: str
    files: Sequence[str] | None
    test: Sequence[str]
    probes: Sequence[Mapping[str, Any]] = field(repr=False)
    certificate: str | None
    patience: int
    start_timeout: int
    identity: str | None
    reason: str
    log: str | None
    withdrawn: Sequence[str]
    without: Sequence[str]
    grace: int = 0
    ports: Sequence[int] = ()
    jobs: str | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Loading:
        """Read the module's options."""
        return cls(**{name: options[name] for name in cls.__dataclass_fields__})


def reach(options: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """Do what the task asks for with C(state), and return its result."""
    loading = Loading.of(options)
    if options["state"] == "loaded":
        return load(loading, stale=options["stale"], check_mode=check_mode)
    if options["state"] == "as_found":
        return record_as_found(loading, check_mode=check_mode)
    return take_out(loading, check_mode=check_mode)


def load(loading: Loading, *, stale: bool, check_mode: bool) -> dict[str, Any]:
    """Let the service load what differs from its record, or has to be loaded all the same (C(stale)).

    One that has loaded all is asked whether it is healthy. What is reloaded is so again where it is not; to restart
    what has nothing new to load would only cut off those it does answer.
    """
    differs = record.compare(loading.record, loading.unit, loading.files)["differs"]
    result: dict[str, Any] = {"changed": True, "due": True, "differs": differs}
    if not differs and not stale:
        complaint = _ask_until_healthy(loading) if loading.how == RESTARTED else _ask(loading)
        if complaint is None:
            return {**result, "changed": False, "due": False}
        if loading.how == RESTARTED:
            return _failed({"changed": False, "due": False, "differs": []}, complaint, loading)
    if check_mode:
        return result
    result["cut"] = _wait_for_transfers(loading)
    try:
        _take(loading)
    except OrthancTlsError as failure:
        return _failed(result, str(failure), loading) | _put_back(loading, str(failure))
    # A record that cannot be written is no reason to go back: the next run loads once more, and writes it.
    record.write(loading.record, loading.unit, loading.files, _asked(loading), check_mode=False)
    return result


def record_as_found(loading: Loading, *, check_mode: bool) -> dict[str, Any]:
    """Record how a service runs that has no record yet, so that there is something to go back to."""
    found = record.compare(loading.record, loading.unit, loading.files)
    if found["recorded"] or not service_state(loading.unit).running:
        return {"changed": False, "differs": []}
    written = record.write(loading.record, loading.unit, loading.files, check_mode=check_mode)
    return {**written, "differs": []}


def take_out(loading: Loading, *, check_mode: bool) -> dict[str, Any]:
    """Take a service out that this node has no more: its files, what it has loaded of them, and its record.

    The record goes last, so that a run which is killed before is completed by the next one.
    """
    files = [path for path in loading.withdrawn if os.path.lexists(path)]
    changed = bool(files) or record.is_there(loading.record)
    if changed and not check_mode:
        _withdraw(loading)
        record.forget(loading.record)
    return {"changed": changed, "differs": []}


def _take(loading: Loading) -> None:
    if loading.test:
        systemd.run(loading.test)
    _load_with_systemd(loading)
    # A reload is asynchronous: at first an old process may answer, with what it had loaded before.
    complaint = _ask_until_healthy(loading)
    if complaint:
        raise OrthancTlsError(complaint)


def _wait_for_transfers(loading: Loading) -> int:
    """Wait for what a restart would cut, and return how much of it is left when the time is over."""
    if loading.how != RESTARTED or not service_state(loading.unit).running:
        return 0

    def count() -> int:
        open_now = connections(loading.ports)
        # Jobs are asked for last: the question itself is a connection.
        return open_now or (unfinished_jobs(loading.probes[0], loading.jobs) if loading.jobs else 0)

    return wait_until_none(count, loading.grace)


def _load_with_systemd(loading: Loading) -> None:
    if loading.how == RESTARTED:
        systemd.restart(loading.unit)
    else:
        systemd.reload(loading.unit)


def _asked(loading: Loading) -> list[dict[str, Any]]:
    """Return the probes, each with the certificate that it must see where TLS is spoken."""
    fingerprint = first_certificate_sha256(loading.certificate)
    return [
        {**probe, "fingerprint_sha256": fingerprint} if str(probe["url"]).startswith("https:") else dict(probe)
        for probe in loading.probes
    ]


def _ask_until_healthy(loading: Loading, probes: Sequence[Mapping[str, Any]] | None = None) -> str | None:
    """Ask again and again; return the last complaint once waiting is of no use.

    An Orthanc that upgrades its database does not listen for 7 to 22 minutes, and must not be ended meanwhile.
    """
    began = time.monotonic()
    while True:
        results = _observe(loading, probes)
        wrong = [result for result in results if result.fails]
        if not wrong:
            return None
        listens = any(result.observation.kind is not Kind.UNREACHED for result in wrong)
        limit = loading.patience if listens else loading.start_timeout
        if time.monotonic() - began >= limit or not service_state(loading.unit).alive:
            return failure_report(results)
        time.sleep(_DELAY)


def _ask(loading: Loading) -> str | None:
    results = _observe(loading, None)
    return failure_report(results) if any(result.fails for result in results) else None


def _observe(loading: Loading, probes: Sequence[Mapping[str, Any]] | None) -> list[Result]:
    return run_probes(read_probes(_asked(loading) if probes is None else probes), timeout=_PROBE_SECONDS)


def _failed(result: dict[str, Any], failure: str, loading: Loading) -> dict[str, Any]:
    return {
        **result,
        "failed": True,
        "msg": failure,
        "log": end_of(loading.log) if loading.log else "",
        "restored": False,
        "held": False,
        "back": None,
        "back_failure": "",
    }


def _put_back(loading: Loading, failure: str) -> dict[str, Any]:
    """Put back what the service was last seen healthy with, and say how it is with that; never raises."""
    try:
        done = record.restore(
            loading.record,
            loading.unit,
            check_mode=False,
            identity=loading.identity,
            why=f"{loading.reason}: {failure}",
        )
        if not done["restored"]:
            _withdraw(loading)
            return {"restored": False, "held": False}
        back = {"restored": True, "held": done["held"], "back": "not healthy"}
        return back | _healthy_again(loading, done["probes"])
    except (OrthancTlsError, OSError) as error:
        return {"back": "not healthy", "back_failure": str(error)}


def _healthy_again(loading: Loading, probes: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    try:
        _load_with_systemd(loading)
        back = replace(loading, start_timeout=min(loading.start_timeout, _BACK_SECONDS))
        complaint = _ask_until_healthy(back, probes) if probes else None
    except OrthancTlsError as error:
        complaint = str(error)
    if complaint:
        return {"back_failure": complaint}
    return {"back": "healthy" if probes else "not asked" if probes is None else "as found"}


def _withdraw(loading: Loading) -> None:
    """Let the node go on without the service; what fails here was so before, and another reason is the one to read."""
    for path in loading.withdrawn:
        if os.path.lexists(path):
            os.unlink(path)
    if loading.without:
        systemd.failure_of(loading.without)
    else:
        systemd.stop(loading.unit)
