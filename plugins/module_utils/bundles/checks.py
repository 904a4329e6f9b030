# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a PEM bundle must be for its purpose: the checks that Orthanc does not make before it refuses to start.

Orthanc answers a wrong order, a foreign key and an empty list with "The TCP port of the HTTP server is
privileged or already in use" (1.10 to 1.13), and an encrypted key with "Cannot initialize SSL encryption".
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    fingerprint_sha256,
    is_ca,
    issued_by,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import public_key_der
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.pem import CertificateEntry, Entry, KeyEntry
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import name_text

with contextlib.suppress(ImportError):  # the module that calls says what is missing
    from cryptography.exceptions import UnsupportedAlgorithm

if TYPE_CHECKING:
    from cryptography import x509


@dataclass(frozen=True)
class Bundle:
    """A checked bundle: C(purpose) is C(server), C(chain) or C(trust); warnings are no reason to refuse it."""

    purpose: str
    entries: tuple[Entry, ...]
    warnings: tuple[str, ...] = ()

    @property
    def pem(self) -> bytes:
        """The bundle's text."""
        return b"".join(entry.pem for entry in self.entries)

    @property
    def certificates(self) -> list[x509.Certificate]:
        """The bundle's certificates in their order."""
        return [entry.certificate for entry in self.entries if isinstance(entry, CertificateEntry)]


def checked_bundle(entries: Sequence[Entry], purpose: str, now: datetime) -> Bundle:
    """Return the bundle if it is right for its purpose (C(auto) finds the purpose), else raise what is wrong."""
    keys = [entry for entry in entries if isinstance(entry, KeyEntry)]
    certificates = [entry for entry in entries if isinstance(entry, CertificateEntry)]
    if not certificates:
        raise OrthancTlsError("The bundle would hold no certificate; add the certificates to sources.")
    if purpose == "auto":
        purpose = _purpose(keys, certificates)
    _check_keys(keys, purpose)
    _check_unique(certificates)
    for certificate in certificates:
        _check_dates(certificate, now)
    if purpose == "trust":
        return Bundle(purpose, tuple(entries), tuple(_trust_warnings(certificates)))
    _check_leaf(certificates, keys)
    _check_signatures(certificates)
    return Bundle(purpose, tuple(entries))


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Say whether C(issuer) issued the certificate; an algorithm that nobody here can verify counts as no."""
    try:
        return issued_by(certificate, issuer)
    except (UnsupportedAlgorithm, ValueError):
        return False


def self_signed(certificate: x509.Certificate) -> bool:
    """Say whether the certificate's own key signed it."""
    return signed_by(certificate, certificate)


def _purpose(keys: Sequence[KeyEntry], certificates: Sequence[CertificateEntry]) -> str:
    if keys:
        return "server"
    first, *others = certificates
    signed = any(signed_by(first.certificate, other.certificate) for other in others)
    return "chain" if signed and not is_ca(first.certificate) else "trust"


def _check_keys(keys: Sequence[KeyEntry], purpose: str) -> None:
    if purpose == "server" and not keys:
        raise OrthancTlsError("The bundle is for a server and has no private key; add the key to sources.")
    if purpose != "server" and keys:
        raise OrthancTlsError(
            f"{keys[0].source} holds a private key, and a bundle with the purpose {purpose!r} must hold none; "
            "take it out, or set the purpose to 'server'."
        )
    if len(keys) > 1:
        sources = " and ".join(entry.source for entry in keys)
        raise OrthancTlsError(f"There are {len(keys)} private keys, in {sources}; expected exactly one.")


def _check_unique(certificates: Sequence[CertificateEntry]) -> None:
    seen: dict[str, CertificateEntry] = {}
    for entry in certificates:
        earlier = seen.setdefault(fingerprint_sha256(entry.certificate), entry)
        if earlier is not entry:
            raise OrthancTlsError(
                f"{entry.title} is a duplicate: it is also in {earlier.source}; take one of them out."
            )


def _check_dates(entry: CertificateEntry, now: datetime) -> None:
    start, end = not_before(entry.certificate), not_after(entry.certificate)
    if end < now:
        raise OrthancTlsError(f"{entry.title} expired at {utc_text(end)}; renew it, or take it out of sources.")
    if start > now:
        raise OrthancTlsError(
            f"{entry.title} is not valid before {utc_text(start)}, and this host's clock says {utc_text(now)}; "
            "check the clock, or wait."
        )


def _check_leaf(certificates: Sequence[CertificateEntry], keys: Sequence[KeyEntry]) -> None:
    first = certificates[0]
    for key in keys:
        _check_match(key, certificates)
    if is_ca(first.certificate) and not self_signed(first.certificate):
        raise OrthancTlsError(f"{first.title} comes first and is a CA certificate; put the leaf before it.")
    if is_ca(first.certificate) and len(certificates) > 1:
        raise OrthancTlsError(
            f"{first.title} comes first and is a root certificate; put the leaf first, then its intermediates."
        )


def _check_match(key: KeyEntry, certificates: Sequence[CertificateEntry]) -> None:
    owners = [entry for entry in certificates if _matches(key, entry)]
    first = certificates[0]
    if not owners:
        raise OrthancTlsError(
            f"The private key in {key.source} does not belong to {first.title}; "
            "take the key that the certificate was requested with, or request a new certificate."
        )
    if owners[0] is not first:
        raise OrthancTlsError(
            f"The private key in {key.source} belongs to {owners[0].title}, and {first.title} comes before it; "
            "put the leaf first, then each certificate's issuer."
        )


def _matches(key: KeyEntry, entry: CertificateEntry) -> bool:
    try:
        return public_key_der(entry.certificate.public_key()) == public_key_der(key.key.public_key())  # type: ignore[arg-type]
    except ValueError:
        return False


def _check_signatures(certificates: Sequence[CertificateEntry]) -> None:
    for entry, following in itertools.pairwise(certificates):
        if signed_by(entry.certificate, following.certificate):
            if not is_ca(following.certificate):
                raise OrthancTlsError(
                    f"{following.title} signed {entry.title} and is no CA certificate, so clients refuse the chain; "
                    "use a certificate that a CA issued."
                )
            continue
        raise OrthancTlsError(
            f"{entry.title} is followed by {following.title}, which did not sign it; {_advice(entry, certificates)}"
        )


def _advice(entry: CertificateEntry, certificates: Sequence[CertificateEntry]) -> str:
    if self_signed(entry.certificate):
        return "it is self-signed, so nothing may follow it."
    for other in certificates:
        if signed_by(entry.certificate, other.certificate):
            return f"put {other.title} there."
    return f"expected its issuer, {name_text(entry.certificate.issuer)}."


def _trust_warnings(certificates: Sequence[CertificateEntry]) -> list[str]:
    warnings = []
    for entry in certificates:
        certificate = entry.certificate
        if self_signed(certificate):
            continue
        if not is_ca(certificate):
            raise OrthancTlsError(
                f"{entry.title} was issued by a CA and is no CA certificate itself, so nothing in it can be trusted "
                "through a trust list; list its CA, or set the purpose to 'chain' if it is to be served."
            )
        if not any(signed_by(certificate, other.certificate) for other in certificates):
            warnings.append(
                f"{entry.title} is an intermediate, and its issuer is not in the list: Orthanc accepts it for the "
                "servers that it calls (HttpsCACertificates), but not for clients (SslTrustedClientCertificates)."
            )
    return warnings
