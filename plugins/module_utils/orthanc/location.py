# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a node keeps what this collection gives its Orthanc (standard library only)."""

from __future__ import annotations

from collections.abc import Sequence

UNIT = "orthanc.service"
PROGRAM = "/usr/sbin/Orthanc"
"""Where Debian's package has it. One that was built elsewhere has another place, and mostly a unit of its own."""
GROUP = "orthanc"
"""What a run writes is for this group to read. Debian's unit names it."""
PLUGINS = "/usr/share/orthanc/plugins"
"""Where Debian's packages have links to the files of their plugins."""
LOG = "/var/log/orthanc/Orthanc.log"
RECORD = "/etc/orthanc/last-healthy"

FOLDER = "/etc/orthanc/managed"
SETTINGS = f"{FOLDER}/orthanc.json"
OPENSSL = f"{FOLDER}/openssl.cnf"
SERVER_CERTIFICATE = f"{FOLDER}/server.pem"
"""What a host serves with where it has a server certificate of another issuer."""

DROP_IN = "/etc/systemd/system/orthanc.service.d/zz-openimaging.conf"
"""Drop-ins count in the order of their names: an override.conf with an ExecStart of its own must not win."""

SHIM = "/usr/local/lib/orthanc-civetweb-shim"
SHIM_LIBRARIES = (f"{SHIM}/libssl.so", f"{SHIM}/libcrypto.so")


def reads_what_is_written(user: str, groups: Sequence[str]) -> bool:
    """Whether a unit's user, who is root without a name, can read what a run writes."""
    return user in ("root", "") or GROUP in groups
