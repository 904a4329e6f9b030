# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What in a user's own settings names files of the node's identity, so that Orthanc must start again with new ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_READ_PER_CONNECTION = ("OrthancPeers", "Servers")
"""Sections of which Orthanc, or its DICOMweb plugin, reads the files again for each connection."""

_DICOM_TLS = ("DicomTlsCertificate", "DicomTlsPrivateKey", "DicomTlsTrustedCertificates")


@dataclass(frozen=True)
class IdentityReferences:
    """Whether settings name the identity, and with which file the DICOM port serves where it takes part in that.

    Orthanc reads the files of DICOM TLS when it starts; the same holds for what plugins are told.
    """

    any: bool = False
    dicom_certificate: str | None = None

    @classmethod
    def of(cls, config: Mapping[str, Any], path: str) -> IdentityReferences:
        """Look for the identity's folder, C(path), in C(orthanc_config)."""
        by_hand = any(_names(config.get(key), path) for key in _DICOM_TLS)
        serves = by_hand and config.get("DicomTlsEnabled") is True
        certificate = config.get(_DICOM_TLS[0])
        return cls(_names(config, path), str(certificate) if serves and certificate else None)


def _names(value: Any, path: str) -> bool:
    return any(f"{path}/" in text for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _READ_PER_CONNECTION:
                yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
