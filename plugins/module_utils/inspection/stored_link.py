# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow one BulkDataURI of a node's DICOMweb server: such links are made of what a front-end tells Orthanc of itself.

Only a link to the node itself is followed. What is shown of a link names no study.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.options import Probe
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.client import observe
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.observations import Observation

Ask = Callable[[str], Observation]

_ORTHANC_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{8}){4}")
_PATH = re.compile(r"[!-~]+")
_UID = re.compile(r"[0-9.]{1,64}")
_LEVELS = (
    ("studies", "study", "StudyInstanceUID"),
    ("series", "series", "SeriesInstanceUID"),
    ("instances", "", "SOPInstanceUID"),
)
"""What DICOMweb calls a level, what Orthanc calls it of an instance, and what identifies it."""


def followed(own: Probe, root: str, timeout: float) -> dict[str, Any]:
    """Follow a link in the first image that the node has.

    C(own) is a probe of C(/system) that the node answers, C(root) the path of DICOMweb below that of Orthanc. C(seen)
    says what came of it, or why there was nothing to follow: then C(ok) is None.
    """
    prefix = own.request.path.removesuffix("system")

    def ask(path: str) -> Observation:
        return observe(own.target, own.context, replace(own.request, path=path), timeout)

    path = _first_instance(ask, prefix)
    if path is None:
        return {"ok": None, "seen": "no image is stored"}
    metadata = ask(f"{prefix}{root}{path}/metadata")
    if metadata.status != 200:
        return {"ok": False, "seen": f"{metadata.text} where metadata of an image is asked for"}
    link = next(_links(metadata.json), None)
    if link is None:
        return {"ok": None, "seen": "the first image has no link"}
    path = _path_of(link, own, prefix + root)
    if path is None:
        return {"ok": False, "seen": f"a link to {_beginning(link)}"}
    answer = ask(path)
    return {"ok": answer.status in (200, 206), "seen": answer.text}


def _first_instance(ask: Ask, prefix: str) -> str | None:
    """Return the DICOMweb path of the first image in Orthanc's own order, which costs the least."""
    listed = ask(f"{prefix}instances?since=0&limit=1").json
    one = listed[0] if isinstance(listed, list) and listed else None
    if not isinstance(one, str) or not _ORTHANC_ID.fullmatch(one):
        return None
    parts = []
    for level, of_instance, tag in _LEVELS:
        found = ask(f"{prefix}instances/{one}{'/' if of_instance else ''}{of_instance}").json
        tags = found.get("MainDicomTags") if isinstance(found, dict) else None
        uid = tags.get(tag) if isinstance(tags, dict) else None
        if not isinstance(uid, str) or not _UID.fullmatch(uid):
            return None
        parts.append(f"{level}/{uid}")
    return "/".join(parts)


def _path_of(link: str, own: Probe, root: str) -> str | None:
    """Return the path of a link to the DICOMweb server that was asked; C(None) where it leads elsewhere."""
    try:
        parts = urlsplit(link)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    there = (parts.scheme, parts.hostname, port) == (urlsplit(own.url).scheme, own.target.host, own.target.port)
    return parts.path if there and parts.path.startswith(root) and _PATH.fullmatch(parts.path) else None


def _links(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        link = value.get("BulkDataURI")
        if isinstance(link, str):
            yield link
        for item in value.values():
            yield from _links(item)
    elif isinstance(value, list):
        for item in value:
            yield from _links(item)


def _beginning(link: str) -> str:
    """Return scheme, host and port of a link; its path names a study."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return "something that is not a URL"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/…"
