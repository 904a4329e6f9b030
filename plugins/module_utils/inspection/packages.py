# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of some packages dpkg has installed, in which version, and which it holds back (standard library only)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.ask_program import ask

_FORMAT = "${Package}\\t${db:Status-Want}\\t${db:Status-Status}\\t${Version}\\n"
_SOME_ARE_UNKNOWN = 1  # dpkg-query(1): a package that was asked for is unknown; the others are answered all the same


@dataclass(frozen=True)
class InstalledPackage:
    """What dpkg says of a package. C(version) is Debian's, such as C(1.12.7+dfsg-4); None where it is not installed.

    C(on_hold) says that apt leaves it as it is, installed or not (C(apt-mark hold)).
    """

    version: str | None = None
    on_hold: bool = False


def installed(names: Sequence[str]) -> dict[str, InstalledPackage]:
    """Ask dpkg for packages by their names, in one call; each that is asked for is in the answer."""
    if not names:
        return {}
    command = ["dpkg-query", "--show", f"--showformat={_FORMAT}", "--", *names]
    return read_packages(ask(command, statuses=(0, _SOME_ARE_UNKNOWN)), names)


def read_packages(answer: str, names: Sequence[str]) -> dict[str, InstalledPackage]:
    """Read dpkg's table. Of a package that is there for several architectures, the first that is installed counts."""
    found = {name: InstalledPackage() for name in names}
    for line in answer.split("\n"):
        name, _tab, rest = line.partition("\t")
        want, _tab, more = rest.partition("\t")
        status, _tab, version = more.partition("\t")
        if name not in found:
            continue
        known = found[name]
        seen = version if status == "installed" and version else None
        found[name] = InstalledPackage(known.version or seen, known.on_hold or want == "hold")
    return found
