# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nodes that sign for themselves may be known by: checked on the control node before anybody trusts it."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    issued_by,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.facts import key_usage
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import BACKDATED
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.key_types import KEY_TYPES
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import key_type_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import LeafOrder
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.pem import CertificateEntry, Source, read
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import read_leaf

with contextlib.suppress(ImportError):  # AuthorityFolder says what is missing
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

MOST_BYTES = 64 * 1024
_MOST_CERTIFICATES = 2  # the live one and one that waits, or a new one and the former
_SIGNS_NOTHING = (["digitalSignature"], ["digitalSignature", "keyEncipherment"])


def published(
    answer: Any, order: LeafOrder, lifetime: timedelta, known: Collection[x509.Certificate], now: datetime
) -> list[x509.Certificate]:
    """Return the certificates by which a node says that it is known, without those that have expired.

    Each must be what was ordered, or be among C(known), as the order was another when it was checked. One of an earlier
    order that is not known is left out where a certificate stands beside it that is as ordered: a renewal that waits.
    Raises on anything else; errors begin after the node's name.
    """
    if not isinstance(answer, list) or not all(isinstance(text, str) for text in answer):
        raise OrthancTlsError("what it publishes is not a list of PEM texts.")
    if len(answer) > _MOST_CERTIFICATES:
        raise OrthancTlsError(f"it publishes {len(answer)} certificates; expected at most {_MOST_CERTIFICATES}.")
    taken, faults = [], []
    for certificate in map(_one, answer):
        if fault := untrustworthy(certificate):
            raise _not_as_ordered(fault)
        if certificate not in known and (difference := _differs(certificate, order, lifetime, now)):
            faults.append(difference)
        else:
            taken.append(certificate)
    if faults and not taken:
        raise _not_as_ordered(faults[0])
    return [certificate for certificate in taken if not_after(certificate) > now]


def _not_as_ordered(fault: str) -> OrthancTlsError:
    return OrthancTlsError(f"the certificate that it publishes {fault}.")


def untrustworthy(certificate: x509.Certificate) -> str | None:
    """Say why nobody may trust a certificate as that of one node: it must vouch for itself, and for nothing else."""
    try:
        key_type = key_type_of(certificate.public_key())
        if key_type not in KEY_TYPES:
            return f"has a key of type {key_type}; expected one of {', '.join(KEY_TYPES)}"
        if not _is_leaf(certificate):
            return "may sign other certificates, as a CA does; expected one that may not"
        if not issued_by(certificate, certificate):
            return "is not signed with its own key; expected one that the node signed for itself"
    except (ValueError, UnsupportedAlgorithm) as error:
        return f"cannot be checked ({error})"
    return None


def pem_certificates(data: bytes, source: str) -> list[x509.Certificate]:
    """Read a PEM that holds certificates and nothing else; C(source) is what errors call it."""
    if len(data) > MOST_BYTES:
        raise OrthancTlsError(f"{source} is longer than {MOST_BYTES} bytes.")
    entries = read([Source(source, data)])
    certificates = [entry.certificate for entry in entries if isinstance(entry, CertificateEntry)]
    if len(certificates) != len(entries):
        raise OrthancTlsError(f"{source} holds a private key.")
    return certificates


def _one(text: str) -> x509.Certificate:
    certificates = pem_certificates(text.encode(errors="replace"), "what it publishes")
    if len(certificates) != 1:
        raise OrthancTlsError(f"what it publishes holds {len(certificates)} certificates in one text; expected one.")
    return certificates[0]


def _is_leaf(certificate: x509.Certificate) -> bool:
    """Say whether the certificate itself says that it is no CA: OpenSSL takes some that say nothing for one."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False
    return not constraints.ca and key_usage(certificate) in _SIGNS_NOTHING


def _differs(certificate: x509.Certificate, order: LeafOrder, lifetime: timedelta, now: datetime) -> str | None:
    leaf = read_leaf(certificate, certificate)
    for what, found, expected in (
        ("common name", leaf.common_name, order.common_name),
        ("names", leaf.names, order.names),
        ("usages", leaf.extended_key_usage, order.extended_key_usage),
        ("key type", leaf.key_type, order.key_type),
    ):
        if found != expected:
            return f"has the {what} {_words(found)}; ordered was {_words(expected)}"
    start, latest = not_before(certificate), now + lifetime + BACKDATED
    if start > now + BACKDATED or not_after(certificate) > latest:
        return (
            f"is valid from {utc_text(start)} until {utc_text(not_after(certificate))}; ordered was one that is valid "
            f"now, and until {utc_text(latest)} at most"
        )
    return None


def _words(value: str | list[str] | None) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
