# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a node keeps what this collection gives its Orthanc (standard library only)."""

from __future__ import annotations

UNIT = "orthanc.service"
PROGRAM = "/usr/sbin/Orthanc"
"""Where Debian's package has it. One that was built elsewhere has another place, and mostly a unit of its own."""
USERS = ("orthanc", "root", "")
"""Users of a unit who can read what is written for the group orthanc; without one it is root."""
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
