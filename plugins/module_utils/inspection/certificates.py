# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts that certificate_info returns, whichever of its three kinds of source is asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.facts import generation_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.served_chain import Port, served
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.facts import pem_facts, served_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.pem import Source


def facts(params: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the facts of the module's C(path), C(content), or C(host) and C(port)."""
    if params["content"] is not None:
        return pem_facts(Source("content", params["content"].encode()), now)
    if params["path"] is not None:
        return path_facts(params["path"], now)
    host, server_name = params["host"], params["server_name"]
    return port_facts(
        Port(
            host=host,
            port=params["port"],
            server_name=host if server_name is None else server_name,
            timeout=params["timeout"],
            client_certificate=params["client_certificate"],
        ),
        now,
    )


def path_facts(path: str, now: datetime) -> dict[str, Any]:
    """Return the facts of a PEM file, or of a folder with an identity."""
    if os.path.isdir(path):
        return generation_facts(path, now)
    try:
        with open(path, "rb") as file:
            return pem_facts(Source(path, file.read()), now)
    except OSError as error:
        raise OrthancTlsError(f"Cannot read {path}: {error.strerror}; check the path and the rights.") from error


def port_facts(port: Port, now: datetime) -> dict[str, Any]:
    """Return the facts of what a port serves."""
    seen = served(port)
    return {
        "certificates": served_facts(seen.chain, now, str(port)),
        "tls": {
            "version": seen.tls_version,
            "whole_chain": seen.whole_chain,
            "handshake_error": seen.handshake_error,
        },
    }
