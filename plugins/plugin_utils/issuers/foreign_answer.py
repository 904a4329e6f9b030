# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a CA that is not ours has answered, checked before anything of it is installed.

Key, names, usages, dates, and the chain by OpenSSL's ordinary verification. What only its strict one refuses is a
warning, as clients that use Python 3.13 and later refuse it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    certificate_pem,
    fingerprint_sha256,
    is_ca,
    issued_by,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import public_key_der
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import LeafOrder
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import name_text, read_leaf
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.openssl_program import Piped, run_openssl
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import SignedLeaf
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plain_text import plain

with contextlib.suppress(ImportError):  # AuthorityFolder says what is missing
    from cryptography.hazmat.primitives import serialization

if TYPE_CHECKING:
    from cryptography import x509

    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PublicKey

_PURPOSES = {"serverAuth": "sslserver", "clientAuth": "sslclient"}
_LONGEST_CHAIN = 8
_TEMPLATE = (
    "Ask the CA's administrator for a certificate template or profile with the extended key usages Server "
    "Authentication (1.3.6.1.5.5.7.3.1) and Client Authentication (1.3.6.1.5.5.7.3.2), as a node presents its "
    "certificate to its peers as well"
)
_NAMES = (
    "Ask the CA's administrator for a template or profile that takes the subject alternative names from the request"
)


@dataclass(frozen=True)
class Checked:
    """An answer that may be installed, and what to warn of."""

    signed: SignedLeaf
    warnings: tuple[str, ...]


def checked(
    answer: Sequence[x509.Certificate],
    public_key: PublicKey,
    order: LeafOrder,
    stated: Sequence[x509.Certificate],
    now: datetime,
) -> Checked:
    """Return the leaf for a key with its intermediates. Raises, as the end of a sentence, on what must not serve.

    C(stated) are the certificates of orthanc_issuer_ca_certificates: roots, and intermediates that may be missing in
    the answer. The order in which an answer has its certificates does not matter.
    """
    fault = None
    for leaf in _of_key(answer, public_key):
        try:
            return _checked(leaf, answer, order, stated, now)
        except OrthancTlsError as error:
            fault = fault or error
    raise fault or _of_none(answer)


def is_for(certificate: x509.Certificate, public_key: PublicKey) -> bool:
    """Say whether a certificate is for this key."""
    return _key(certificate) == public_key_der(public_key)


def _checked(
    leaf: x509.Certificate,
    answer: Sequence[x509.Certificate],
    order: LeafOrder,
    stated: Sequence[x509.Certificate],
    now: datetime,
) -> Checked:
    _check_leaf(leaf, order, now)
    others = [one for one in answer if one != leaf]
    chain = _chain(leaf, [*others, *stated])
    roots = [one for one in stated if _is_root(one)]
    _verify(leaf, chain, roots, order, now)
    root = chain[-1]
    signed = SignedLeaf(read_leaf(leaf, root), certificate_pem(leaf), b"".join(map(certificate_pem, chain[:-1])))
    return Checked(signed, tuple(_strict(leaf, chain[:-1], root, order, now)))


def _of_key(answer: Sequence[x509.Certificate], public_key: PublicKey) -> list[x509.Certificate]:
    """Return the certificates for a key, the one that is valid for longest first: another may have been corrected."""
    return sorted((one for one in answer if is_for(one, public_key)), key=not_after, reverse=True)


def _of_none(answer: Sequence[x509.Certificate]) -> OrthancTlsError:
    subjects = ", ".join(plain(name_text(one.subject)) or "no subject" for one in answer[:_LONGEST_CHAIN])
    return OrthancTlsError(
        f"holds no certificate for the key of the request ({subjects}). It answers another request: have the present "
        "request signed."
    )


def _key(certificate: x509.Certificate) -> bytes:
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return certificate.public_key().public_bytes(encoding, form)


def _check_leaf(leaf: x509.Certificate, order: LeafOrder, now: datetime) -> None:
    found = read_leaf(leaf, leaf)
    missing = [name for name in order.names if name not in found.names]
    if missing:
        others = ", ".join(map(plain, found.names)) or "none"
        raise OrthancTlsError(f"lacks the names {', '.join(missing)}; it has {others}. {_NAMES}.")
    lacking = [usage for usage in order.extended_key_usage if usage not in found.extended_key_usage]
    if found.extended_key_usage and lacking:
        raise OrthancTlsError(
            f"is for {', '.join(map(plain, found.extended_key_usage))} only, and {', '.join(lacking)} was asked for "
            f"as well. {_TEMPLATE}."
        )
    if is_ca(leaf):
        raise OrthancTlsError("may sign other certificates, as a CA does. Have a certificate for a server issued.")
    if not_after(leaf) <= now:
        raise OrthancTlsError(f"expired on {utc_text(not_after(leaf))}. Have the request signed anew.")
    if not_before(leaf) > now:
        raise OrthancTlsError(
            f"is not valid before {utc_text(not_before(leaf))}, and the clock of the control node says "
            f"{utc_text(now)}. Run this again then, or set the clock that is wrong."
        )


def _chain(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return the leaf's issuers up to a root; raises where one is missing."""
    chain: list[x509.Certificate] = []
    last = leaf
    while not _is_root(last):
        issuers = [one for one in others if one not in chain and is_ca(one) and issued_by(last, one)]
        if not issuers or len(chain) == _LONGEST_CHAIN:
            raise OrthancTlsError(
                f"has an incomplete chain: the certificate of {plain(name_text(last.issuer))} is missing. If it is an "
                "intermediate, have it in the answer; if it is a root, state it in orthanc_issuer_ca_certificates."
            )
        # A root ends the chain sooner than a cross certificate of the same name and key.
        last = max(issuers, key=_is_root)
        chain.append(last)
    return chain


def _is_root(certificate: x509.Certificate) -> bool:
    return certificate.issuer == certificate.subject and issued_by(certificate, certificate)


def _verify(
    leaf: x509.Certificate,
    chain: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    order: LeafOrder,
    now: datetime,
) -> None:
    if not chain:
        raise OrthancTlsError("is signed with its own key. Have it signed by the CA.")
    stated = {fingerprint_sha256(root) for root in roots}
    if fingerprint_sha256(chain[-1]) not in stated:
        names = ", ".join(name_text(root.subject) for root in roots)
        raise OrthancTlsError(
            f"is of the root {plain(name_text(chain[-1].subject))}, and orthanc_issuer_ca_certificates has {names}. If "
            "that is the CA's new root, add it there first, so that all nodes trust it."
        )
    for complaint in _complaints(leaf, chain[:-1], chain[-1], order, now):
        raise OrthancTlsError(f"is refused by OpenSSL {complaint}.")


def _strict(
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    root: x509.Certificate,
    order: LeafOrder,
    now: datetime,
) -> Iterator[str]:
    for complaint in _complaints(leaf, intermediates, root, order, now, "-x509_strict"):
        yield (
            f"OpenSSL's strict verification refuses the certificate {complaint}. Orthanc and nginx take it; clients "
            "that use Python 3.13 or later do not. Have the CA's administrator look at its extensions."
        )
        return


def _complaints(
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    root: x509.Certificate,
    order: LeafOrder,
    now: datetime,
    *flags: str,
) -> Iterator[str]:
    """Yield what OpenSSL says against the leaf for each usage, as the end of a sentence."""
    between = b"".join(map(certificate_pem, intermediates))
    untrusted: list[str | Piped] = ["-untrusted", Piped(between)] if between else []
    for usage in order.extended_key_usage:
        ran = run_openssl(
            *("verify", *flags, "-purpose", _PURPOSES[usage], "-attime", str(int(now.timestamp()))),
            *("-no-CApath", "-no-CAstore", "-CAfile", Piped(certificate_pem(root))),
            *untrusted,
            standard_input=certificate_pem(leaf),
        )
        if ran.status != 0:
            yield f"as {_PURPOSES[usage]}: {plain(ran.complaint).rstrip('.')}"
