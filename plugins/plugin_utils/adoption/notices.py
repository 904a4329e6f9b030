# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people have to know of a hand-made configuration before it is taken over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.location import (
    GROUP,
    UNIT,
    reads_what_is_written,
)

DICOM_WEB_ROOT = "/dicom-web/"

_SYSTEM_STORE = "/etc/ssl/certs/ca-certificates.crt"
_CALLERS_OF_OPENSSL = ("PythonScript", "Python", "AwsS3Storage", "AzureBlobStorage", "GoogleCloudStorage")

_THROUGH_FRONTEND = (
    "Behind the front-end every request comes to Orthanc from 127.0.0.1, so that all whom the front-end lets in may do "
    "what is allowed to 127.0.0.1"
)


def other_user(user: str, groups: Sequence[str]) -> Iterator[str]:
    """A user of the unit who cannot read what a run writes, so that its plan refuses the node."""
    if not reads_what_is_written(user, groups):
        yield (
            f"{UNIT} starts Orthanc as {user} in the group {', '.join(groups)}, who cannot read what the collection "
            f"writes for the group {GROUP}. This run writes the variables, and then leaves the host as it is. Take "
            f"Group= out of the unit's drop-ins, or set it to {GROUP}, restart Orthanc, and run site.yml."
        )


def why_ignored(setting: str, settings: Mapping[str, Any]) -> str | None:
    """Say why Orthanc does not use a setting today, so that it must not come into force by being taken over."""
    if setting == "SslTrustedClientCertificates":
        return next((f"{key} is off" for key in ("SslEnabled", "SslVerifyPeers") if not settings.get(key)), None)
    return None


def unread(files: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Text that looks like settings, and is none for Orthanc."""
    for file in files:
        yield (
            f"{file['path']} has text after the end of the settings (line {file['line']}). Orthanc does not read it, "
            "so it is not taken over; if it was meant, put it before the last brace."
        )


def request_filters(settings: Mapping[str, Any], filters: Sequence[Mapping[str, Any]], mode: str) -> Iterator[str]:
    """Programs that decide who may do what, and that take the front-end for the machine itself."""
    if mode != "frontend":
        return
    for script in filters:
        if script["names_itself"]:
            yield (
                f"{script['path']} ({script['setting']}) filters requests and has a rule for this machine's own "
                f"address. {_THROUGH_FRONTEND} there. Let it go by X-Real-IP, or by the token alone, before it is "
                "taken over."
            )
        else:
            yield (
                f"{script['path']} ({script['setting']}) filters requests. Behind the front-end the address of each is "
                "127.0.0.1; the client's own is in X-Real-IP."
            )
    if settings.get("Authorization"):
        yield (
            f"The authorization plugin filters requests. {_THROUGH_FRONTEND} by that plugin or by its web service. "
            "Check their rules before it is taken over."
        )


def not_taken_over(settings: Mapping[str, Any]) -> Iterator[str]:
    """What is lost, in words for the people whom it concerns."""
    if settings.get("HttpsVerifyPeers") is False:
        yield (
            "HttpsVerifyPeers is off: this Orthanc calls any server without asking who it is. From now on it asks. "
            "Give the CA of each peer outside the fleet in its ca_certificates, or it is not called any more."
        )
    for key in ("SslCiphersAccepted", "SslMinimumProtocolVersion"):
        if settings.get("SslEnabled") and key in settings and settings[key] != 4:
            yield f"{key} is not taken over: TLS 1.2 and 1.3 with Mozilla's intermediate suites are served."
    if settings.get("HttpBindAddresses"):
        yield "HttpBindAddresses is not taken over: the collection decides where Orthanc listens (orthanc_tls_mode)."
    if settings.get("DicomWeb", {}).get("Root", DICOM_WEB_ROOT) != DICOM_WEB_ROOT:
        yield (
            "DicomWeb.Root is kept, but other hosts of the fleet look for the DICOMweb server under "
            f"{DICOM_WEB_ROOT}; set it to that, or leave it out of their orthanc_peers."
        )
    for key in ("OrthancPeersInDatabase", "DicomModalitiesInDatabase"):
        if settings.get(key):
            yield f"{key} is on: what stands in the database stays there and was not looked at."


def is_system_store(file: Mapping[str, Any]) -> bool:
    """Whether what HttpsCACertificates names is the system's store, which Debian's libcurl trusts in any case."""
    return (file["setting"], file["path"]) == ("HttpsCACertificates", _SYSTEM_STORE)


def callers_of_openssl(settings: Mapping[str, Any]) -> list[str]:
    """What may call others by an OpenSSL of its own; Lua scripts call as Orthanc does."""
    return [key for key in _CALLERS_OF_OPENSSL if settings.get(key)]


def outgoing_trust(
    settings: Mapping[str, Any], pem_files: Sequence[Mapping[str, Any]], *, keeps_system_cas: bool
) -> Iterator[str]:
    """Whom this Orthanc trusts when it calls, and what else on it may call others."""
    for file in pem_files:
        if is_system_store(file):
            yield (
                f"HttpsCACertificates names {file['path']}, the system's store. It is not copied: Orthanc trusts it "
                "for servers that it calls, whatever HttpsCACertificates says."
            )
        elif file["setting"] == "HttpsCACertificates" and file["certificates"]:
            yield (
                f"HttpsCACertificates names {file['path']} with {len(file['certificates'])} certificates: they become "
                "identity_server_ca_certificates. Keep of them those of servers that this Orthanc calls."
            )
    if callers := callers_of_openssl(settings):
        trust = (
            "orthanc_trust_system_cas: true lets it trust the system's store as today."
            if keeps_system_cas
            else "As Orthanc asks clients for certificates itself, OpenSSL's store is empty for it: name "
            f"{_SYSTEM_STORE} in the script or plugin."
        )
        yield f"What {' and '.join(callers)} may call outside the fleet is not known. {trust} Try it after the run."
