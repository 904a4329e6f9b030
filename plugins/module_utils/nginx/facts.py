# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is nginx's own, as Debian packages it: unit, files, commands, and how it refuses (standard library only)."""

from __future__ import annotations

UNIT = "nginx.service"
BINARY = "/usr/sbin/nginx"
FOLDER = "/etc/nginx"
MAIN = "nginx.conf"

SITE = f"{FOLDER}/sites-enabled/zz-orthanc.conf"
"""Orthanc's server file. nginx reads the folder in the order of names: the last site is nobody's default by chance."""

ACCESS_LOG = "/var/log/nginx/orthanc.access.log"
ERROR_LOG = "/var/log/nginx/orthanc.error.log"

TEST = (BINARY, "-t", "-q")
RELOAD_RUNNING = (BINARY, "-s", "reload")
"""Not by systemd, which would start an nginx that somebody has stopped."""

REFUSED_STATUS = 400
"""nginx answers a client without a valid certificate, and plain HTTP, with this HTTP status."""
