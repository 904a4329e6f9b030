# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a node: everything that a decision about it needs, as data.

It changes nothing. Of an identity's files and of managed files only digests are made; the identity's private key is
loaded by nothing but a probe that presents it. What cannot be seen is reported as a fault of its section and is no
failure: what follows from that is decided on the control node.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.bundles.file import bundle_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.civetweb.shim import settle
from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.steps import perform
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.facts import generation_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.answers import answers
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.binary_capabilities import (
    binary_capabilities,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.clock import clock
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.free_space import free_space
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.identity import present
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.made_by_hand import made_by_hand
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import managed_files
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.nginx_sites import nginx_sites
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.orthanc_version import orthanc_version
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.packages import installed
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.port_holders import holders
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.services_seen import services_seen
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.units import unit_states

LARGEST_SECTION = 1024 * 1024  # characters as JSON; a certificate's facts are about a thousand
LONGEST_FAULT = 2000  # characters
# What a broken node can bring about; the last two where a program or a file says what nobody has seen yet.
_EXPECTED = (OrthancTlsError, OSError, ImportError, subprocess.SubprocessError, ValueError, LookupError)
_NO_CRYPTOGRAPHY = "Python's cryptography is missing on this node; install python3-cryptography."

Options = Mapping[str, Any]
Inspector = Callable[[], Any]


def look(options: Options, now: datetime) -> dict[str, Any]:
    """Return the result of C(node_look): one key per section, and C(faults) by section.

    A section that was not asked for, or that cannot be seen, is None.
    """
    sections: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, inspector in _inspectors(options, now).items():
        sections[name], fault = _section(inspector)
        if fault:
            faults[name] = fault
    return {"changed": False, **sections, "faults": faults}


def _inspectors(its: Options, now: datetime) -> dict[str, Inspector]:
    executable, ports, site = its["executable"], its["ports"], its["nginx_site"]
    return {
        "clock": lambda: clock(now),
        "packages": lambda: installed(its["packages"]),
        "orthanc_version": lambda: orthanc_version(executable),
        "capabilities": lambda: binary_capabilities(executable),
        "units": lambda: unit_states(its["units"]),
        "files": lambda: managed_files(its["files"]),
        "made_by_hand": lambda: _made_by_hand(its["hand_made"], executable),
        "free_space": lambda: free_space(its["folders"]),
        "ports": lambda: holders(ports) if ports else [],
        "nginx": lambda: nginx_sites(site, ports) if site else None,
        "civetweb": lambda: _civetweb(its["civetweb_shim"], executable),
        "identity": lambda: _identity(its["path"], now),
        "enrolment": lambda: _enrolment(its, now),
        "server_certificate": lambda: _server_certificate(its["server_certificate"], now),
        "services": lambda: services_seen(its["path"], its["services"], now),
        "answers": lambda: answers(its["probes"]),
    }


def _section(inspector: Inspector) -> tuple[Any, str | None]:
    try:
        section = _plain(inspector())
    except _EXPECTED as error:
        return None, _fault(error)
    if len(json.dumps(section)) > LARGEST_SECTION:
        return None, f"There is more than {LARGEST_SECTION} characters to tell, which no node of a fleet has."
    return section, None


def _fault(error: Exception) -> str:
    if isinstance(error, (ValueError, LookupError)):
        # Its text may quote what it could not read, and that may be a secret.
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {os.path.basename(place.filename)}, line {place.lineno}."
    return _text(str(error))[:LONGEST_FAULT]


def _plain(value: Any) -> Any:
    """Return what JSON can hold; a file's name may be no text in UTF-8."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {_text(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return _text(value) if isinstance(value, str) else value


def _text(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _made_by_hand(option: Options | None, executable: str) -> Any:
    return made_by_hand(option["folder"], option["package"], option["unit"], executable) if option else None


def _civetweb(shim: str | None, executable: str) -> dict[str, Any] | None:
    """Say what C(civetweb_shim) would do for an Orthanc that speaks TLS itself."""
    if shim is None:
        return None
    found = settle(shim, executable, wanted=True, check_mode=True)
    return {"needed": found["needed"], "right": not found["changed"], "reason": found["reason"]}


def _enrolment(its: Options, now: datetime) -> dict[str, Any] | None:
    """Say what C(certificate) would do, by the order that the control node has sent."""
    if its["enrolment"] is None:
        return None
    found = perform({**its["enrolment"], "path": its["path"]}, check_mode=True, now=now)
    found.pop("diff", None)
    return found


def _server_certificate(option: Options | None, now: datetime) -> dict[str, Any] | None:
    """Say what C(pem_bundle) would do with a server certificate of another issuer."""
    if option is None:
        return None
    defaults = {"owner": "root", "group": "orthanc", "mode": "0640", "purpose": "server"}
    found = bundle_of({**defaults, **option}, now=now, check_mode=True)
    return {"changed": found["changed"], "certificates": found["certificates"]}


def _identity(path: str, now: datetime) -> dict[str, Any]:
    """Return the facts of the live generation; without cryptography, whether there is any."""
    there = present(path)
    if importlib.util.find_spec("cryptography") is None:
        return {"present": there, "facts": None, "fault": _NO_CRYPTOGRAPHY}
    try:
        return {"present": there, "facts": generation_facts(path, now), "fault": None}
    except OrthancTlsError as error:
        return {"present": there, "facts": None, "fault": str(error)}
