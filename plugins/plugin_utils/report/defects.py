# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security defects that released versions of Orthanc are known to have: a dated table with its sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.model import ReportedDefect

_CERT_CC = "https://kb.cert.org/vuls/id/536588"


@dataclass(frozen=True)
class KnownDefect:
    """A defect, the first version of Orthanc without it, and on which day that was looked up where."""

    name: str
    what: str
    fixed_in: tuple[int, ...]
    source: str
    known_on: str


DEFECTS = (
    KnownDefect(
        "CVE-2026-5437 to CVE-2026-5445",
        "Crafted requests or images exhaust memory, or read or write beyond a buffer. They can end Orthanc, disclose "
        "what is in its memory, and perhaps run code.",
        (1, 12, 11),
        _CERT_CC,
        "2026-11-28",
    ),
    KnownDefect(
        "CVE-2026-10528",
        "A crafted DICOM file overflows the stack of the parser, and ends Orthanc.",
        (1, 13, 0),
        "https://nvd.nist.gov/vuln/detail/CVE-2026-10528",
        "2026-11-28",
    ),
)
"""Versions are those of Orthanc itself: an update of Debian that repairs one keeps the old number."""


def version_of(text: str | None) -> tuple[int, ...] | None:
    """Read a version such as 1.12.7; anything else has no order."""
    return tuple(map(int, text.split("."))) if text and re.fullmatch(r"\d{1,5}(\.\d{1,5}){1,3}", text) else None


def defects_of(version: str | None) -> tuple[str, ...]:
    """Name the defects of a version; none are known of a version that cannot be read."""
    read = version_of(version)
    return tuple(defect.name for defect in DEFECTS if read is not None and read < defect.fixed_in)


def defects_by_host(versions: Mapping[str, str | None]) -> tuple[ReportedDefect, ...]:
    """Return the defects that any of the hosts has, with those hosts."""
    found = []
    for defect in DEFECTS:
        hosts = tuple(host for host, version in versions.items() if defect.name in defects_of(version))
        if hosts:
            fixed = ".".join(map(str, defect.fixed_in))
            found.append(ReportedDefect(defect.name, defect.what, fixed, defect.source, defect.known_on, hosts))
    return tuple(found)
