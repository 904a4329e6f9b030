# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One gate of a rollover: where it stands, what the CA does now, which nodes are to be updated, and what to say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.loading import RESTARTED
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.info import authority_info
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import readers_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import split
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover import ISSUE, TRUST, Plan, plan
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.rollover_emergency import Emergency, emergency

Take = Callable[[Mapping[str, Any]], None]
"""Lets the CA take one step."""

STOPS = ("", TRUST, ISSUE)
"""Phases that a run can be told not to leave."""


@dataclass(frozen=True)
class Asked:
    """What a run is asked for; each field is a variable of the playbook."""

    common_name: str | None = None
    waive: Sequence[str] = ()
    handed_out: str | None = None
    stop_after: str = ""
    emergency: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Asked:
        """Read the options of the gate. A client's name may have a comma."""
        if options["stop_after"] not in STOPS:
            raise OrthancTlsError(f"rollover_stop_after is '{options['stop_after']}'; expected trust or issue.")
        waive = options["waive"] or ()
        return cls(
            options["common_name"] or None,
            [waive, *split(waive)] if isinstance(waive, str) else [str(name) for name in waive],
            options["handed_out"] or None,
            options["stop_after"],
            options["emergency"],
        )


@dataclass
class Gate:
    """A gate for C(looks), which are what was seen of each node that trusts the CA, or C(None).

    The certificates of C(followers) are of other CAs.
    """

    path: str
    looks: Mapping[str, Mapping[str, Any] | None]
    asked: Asked
    followers: Collection[str] = ()
    info: Mapping[str, Any] = field(init=False)
    seen: Plan = field(init=False)
    taken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read where it stands."""
        self.read()

    def read(self) -> None:
        """Read the CA's folder, and decide for the whole group."""
        self.info = authority_info(self.path, datetime.now(UTC))
        asked = self.asked
        self.seen = plan(
            self.info["authorities"],
            self.info["clients"],
            self.looks,
            asked.common_name,
            asked.waive,
            asked.handed_out,
            emergency=asked.emergency,
            followers=self.followers,
        )

    def advance(self, take: Take) -> None:
        """Let the CA take its next step, and what follows from it at once: an expired CA is not waited for.

        The generations are those that were looked at: what another run has done meanwhile is refused.
        """
        while self.seen.step is not None and self.seen.phase != self.asked.stop_after:
            self._take(self.seen.step, take)

    def drop(self, confirm: object, missed: Mapping[str, str]) -> Emergency:
        """Return what an emergency asks of the CA; C(missed) says of nodes that are not reached why."""
        return emergency(self.info["authorities"], self.info["clients"], missed, confirm)

    def carry_out(self, drop: Emergency, take: Take) -> None:
        """Drop the CA, with the new one in its place."""
        for step in drop.steps:
            self._take(step, take)

    def _take(self, step: Mapping[str, Any], take: Take) -> None:
        take(step)
        self.taken.append(step["state"])
        self.read()

    def updates(self, run: Sequence[str]) -> list[str]:
        """Return the nodes of this run that are to be updated now."""
        return [host for host in self.seen.todo if host in run]

    def refusal(self, run: Sequence[str], *, last: bool) -> str | None:
        """Return why this run ends here: nodes are not ready that it cannot update. Clients are no failure."""
        nodes = [name for name in self.seen.blockers if name not in self.seen.clients]
        if not nodes or (self.updates(run) and not last):
            return None
        return (
            f"The rollover waits for {', '.join(self.seen.blockers)}. The CA takes no further step before. Repair what "
            "is said above and run this again, or go on without them: name them in rollover_waive."
        )


def looked_at(
    fleet: Fleet, run: Mapping[str, Mapping[str, Any]], others: Sequence[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any] | None]:
    """Return the looks at all nodes that trust the CA: those of the run, and results of a loop."""
    elsewhere = {str(look["item"]): look for look in others if not look.get("unreachable")}
    hosts = [host for host in fleet.hosts if fleet.issuer(host).has_ca_folder or fleet.issuer(host).answers_later]
    return {host: run.get(host) or elsewhere.get(host) for host in hosts}


def followers(fleet: Fleet) -> list[str]:
    """Return the nodes that trust the CA, and have their certificates from another one."""
    return [host for host in fleet.hosts if fleet.issuer(host).answers_later]


def restarting(fleet: Fleet, hosts: Sequence[str]) -> list[str]:
    """Return the nodes of which a service is restarted for a new identity: one after the other."""
    return [host for host in hosts if any(one.how == RESTARTED for one in readers_of(fleet.node(host)))]
