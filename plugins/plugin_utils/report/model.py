# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report says of a fleet, as data: the page, the JSON file, the metrics and the text are made of it."""

from __future__ import annotations

from dataclasses import dataclass, field

OK, ATTENTION, UNREACHABLE, BLOCKED, OUTSIDE = "ok", "attention", "unreachable", "blocked", "outside"
"""States of a node."""

WORKS, FAILS, UNTRIED = "works", "fails", "untried"
"""States of a link."""

VALID, DUE, ENDING, EXPIRED = "valid", "due", "ending", "expired"
"""States of what expires: its renewal is due, it ends within the days of the report, or it has expired."""


@dataclass(frozen=True)
class ReportedFault:
    """Something that is not as expected, with what to do; C(follows) counts the checks that fail because of it."""

    hosts: tuple[str, ...]
    what: str
    expected: str
    seen: str
    remedy: str
    follows: int = 0


@dataclass(frozen=True)
class ReportedCertificate:
    """What is public of the certificate of a node; C(path) is where the node has it."""

    subject: str
    issuer: str
    serial: str
    not_after: str
    path: str


@dataclass(frozen=True)
class ReportedHold:
    """Since when and why a node keeps its generation."""

    since: str
    why: str


@dataclass(frozen=True)
class ReportedNode:
    """One host of the group; C(checks) were tried there, C(failed) of them are not as expected.

    C(defects) are security defects that the version of its Orthanc is known to have. C(to_do) is what a run of
    C(site.yml) would do.
    """

    host: str
    state: str
    url: str
    tls_mode: str
    client_auth: str
    issuer: str
    reason: str = ""
    orthanc_version: str | None = None
    certificate: ReportedCertificate | None = None
    serves_what_it_holds: bool | None = None
    held: ReportedHold | None = None
    checks: int = 0
    failed: int = 0
    dicom_open: bool = False
    defects: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    to_do: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportedLink:
    """Who calls whom, over what, and whether that works; C(inside) is false where the target is not of the fleet."""

    source: str
    target: str
    over: str
    encrypted: bool
    state: str
    seen: str = ""
    inside: bool = True


@dataclass(frozen=True)
class ReportedEnd:
    """Something that expires: when, when its renewal is due, and what renews it (nothing: None)."""

    what: str
    holder: str
    subject: str
    not_after: str
    renewal_due: str | None
    renewed_by: str | None
    state: str


@dataclass(frozen=True)
class ReportedRollover:
    """Where a rollover stands; C(waits_for) says by name why it waits, C(fault) why there is no telling."""

    phase: str
    sentence: str
    waits_for: dict[str, str] = field(default_factory=dict)
    fault: str | None = None


@dataclass(frozen=True)
class ReportedDefect:
    """A security defect of Orthanc that a version of the fleet has."""

    name: str
    what: str
    fixed_in: str
    source: str
    known_on: str
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class FleetReport:
    """All that is known of a fleet at one instant. C(notices) are worth knowing, and nothing that is wrong."""

    made_at: str
    days: int
    nodes: tuple[ReportedNode, ...]
    faults: tuple[ReportedFault, ...]
    notices: tuple[str, ...]
    links: tuple[ReportedLink, ...]
    ends: tuple[ReportedEnd, ...]
    rollover: ReportedRollover | None
    defects: tuple[ReportedDefect, ...]

    @property
    def well(self) -> bool:
        """Whether nothing is wrong, and nothing ends unnoticed."""
        return not self.faults

    @property
    def sentence(self) -> str:
        """Say in one sentence how the fleet is."""
        nodes = counted(len(self.nodes), "node")
        if self.faults:
            wrong = len({host for fault in self.faults for host in fault.hosts})
            on = f", on {wrong} of {nodes}" if wrong else f" in a fleet of {nodes}"
            return f"{counted(len(self.faults), 'thing')} {'needs' if len(self.faults) == 1 else 'need'} attention{on}."
        checks = sum(node.checks for node in self.nodes)
        seen = sum(node.state != OUTSIDE for node in self.nodes)
        left = f" of {len(self.nodes)}" if seen < len(self.nodes) else ""
        of = f"{seen}{left} {'node' if seen == 1 else 'nodes'}"
        return f"All is well: {counted(checks, 'check')} on {of}, all as expected."


def counted(count: int, thing: str) -> str:
    """Return a number of things in words."""
    return f"{count} {thing}{'' if count == 1 else 's'}"
