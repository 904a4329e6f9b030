# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that a CA signs, and the CA's own (profiles of RFC 5280; cryptography 38 and later)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import not_after, not_before
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.key_types import KEY_TYPES
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import key_type_of, signing_hash
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.name_constraints import check_names
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import (
    LONGEST_COMMON_NAME,
    check_printable,
    fitting_common_name,
)

try:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError:
    pass  # the module that calls says what is missing

if TYPE_CHECKING:
    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PrivateKey, PublicKey

BACKDATED = timedelta(hours=1)  # how far clocks of nodes may be behind the controller's
_EXPIRED_FOR = timedelta(days=1)  # more than any clock that is still accepted may be wrong


@dataclass(frozen=True)
class Signer:
    """A CA's certificate with its private key."""

    certificate: x509.Certificate
    key: PrivateKey


def ca_subject(common_name: str, serial_number: str) -> x509.Name:
    """Return a CA's distinguished name, unique through its serialNumber attribute (RFC 4519 section 2.31)."""
    if not common_name.strip():
        raise OrthancTlsError("The CA's common name is empty; name the CA.")
    check_printable(common_name, "The CA's common name")
    if fitting_common_name(common_name) is None:
        raise OrthancTlsError(
            f"The CA's common name {common_name!r} has {len(common_name.encode())} bytes in UTF-8; expected "
            f"{LONGEST_COMMON_NAME} at most; shorten it."
        )
    return x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, common_name), x509.NameAttribute(NameOID.SERIAL_NUMBER, serial_number)]
    )


def create_root(
    key: PrivateKey, subject: x509.Name, *, lifetime: timedelta, constraints: x509.NameConstraints | None, now: datetime
) -> x509.Certificate:
    """Make a self-signed root without pathLen: one with it could not carry a cross certificate later."""
    builder = _unsigned(subject, subject, key.public_key(), now - BACKDATED, now + lifetime)
    return _sign(_as_ca(builder, None, constraints), key)


def create_intermediate(
    root: Signer, public_key: PublicKey, subject: x509.Name, *, constraints: x509.NameConstraints | None, now: datetime
) -> x509.Certificate:
    """Make an issuing CA that can sign leaves only; it ends with its root."""
    builder = _unsigned(subject, root.certificate.subject, public_key, now - BACKDATED, not_after(root.certificate))
    return _sign(_as_ca(_identified_issuer(builder, root.certificate), 0, constraints), root.key)


def check_csr(pem: bytes) -> PublicKey:
    """Return the public key of a signing request whose signature proves the private key; nothing else is taken."""
    try:
        request = x509.load_pem_x509_csr(pem)
        valid, public_key = request.is_signature_valid, request.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise OrthancTlsError(f"The node sent a signing request that cannot be read: {error}.") from error
    if not valid:
        raise OrthancTlsError("The node sent a signing request whose signature is wrong; nothing was signed.")
    if key_type_of(public_key) not in KEY_TYPES:
        raise OrthancTlsError(
            f"The node sent a key of type {key_type_of(public_key)}; expected one of {', '.join(KEY_TYPES)}."
        )
    return public_key  # type: ignore[return-value]


def sign_leaf(
    signer: Signer,
    public_key: PublicKey,
    *,
    common_name: str | None,
    names: Sequence[str],
    extended_key_usage: Sequence[str],
    lifetime: timedelta,
    window: timedelta,
    now: datetime,
    holder: str | None = None,
) -> x509.Certificate:
    """Sign a leaf for canonical names; it is valid for C(lifetime), but never longer than its issuer.

    C(window) is how long before its end the leaf will be renewed. Raises when the issuer is not valid yet, would expire
    before that, or so early that the leaf would be due at once, and when the issuer's name constraints forbid a name.
    """
    _check_dates(signer.certificate, lifetime, window, now)
    check_names(names, signer.certificate)
    start = max(now - BACKDATED, not_before(signer.certificate))
    end = min(now + lifetime, not_after(signer.certificate))
    return _leaf(signer, public_key, _leaf_subject(common_name, holder), names, extended_key_usage, start, end)


def self_signed_leaf(
    key: PrivateKey,
    *,
    common_name: str | None,
    names: Sequence[str],
    extended_key_usage: Sequence[str],
    lifetime: timedelta,
    now: datetime,
    holder: str | None = None,
) -> x509.Certificate:
    """Sign a leaf for canonical names with its own key: it is no CA, and vouches for nothing but itself."""
    public_key, subject = key.public_key(), _leaf_subject(common_name, holder)
    builder = _unsigned(subject, subject, public_key, now - BACKDATED, now + lifetime)
    # By it OpenSSL tells the old from the new one of the same subject, while both are trusted.
    identifier = x509.SubjectKeyIdentifier.from_public_key(public_key)
    authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    builder = builder.add_extension(authority, critical=False)
    return _sign(_as_leaf(builder, public_key, subject, names, extended_key_usage), key)


def expired_client(signer: Signer, public_key: PublicKey, *, name: str, now: datetime) -> x509.Certificate:
    """Sign a client certificate that has already expired, to prove on live nodes that such are refused."""
    end = now - _EXPIRED_FOR
    return _leaf(signer, public_key, _leaf_subject(None), [name], ["clientAuth"], end - _EXPIRED_FOR, end)


def not_valid_yet(issuer: x509.Certificate, now: datetime) -> str:
    """Say that a CA's dates begin later, and what to do, as the end of a sentence."""
    return (
        f"is not valid before {utc_text(not_before(issuer))}, and the clock of the control node says {utc_text(now)}; "
        "check the clock. If it is right, the CA was made while a clock was wrong: wait until then, or roll over to "
        "the next one (rollover.yml)."
    )


def _check_dates(issuer: x509.Certificate, lifetime: timedelta, window: timedelta, now: datetime) -> None:
    if not_before(issuer) > now:
        raise OrthancTlsError(f"The CA {not_valid_yet(issuer, now)} Nothing was signed.")
    end = not_after(issuer)
    if end <= now:
        raise OrthancTlsError(f"The CA expired on {utc_text(end)} and signs nothing; roll over to the next one.")
    if end <= now + max(window, lifetime - window):
        raise OrthancTlsError(
            f"The CA expires on {utc_text(end)}, before a new certificate would be due for renewal, and signs "
            "nothing; roll over to the next one (rollover.yml), or shorten lifetime and renew_before."
        )


def _leaf(
    signer: Signer,
    public_key: PublicKey,
    subject: x509.Name,
    names: Sequence[str],
    extended_key_usage: Sequence[str],
    start: datetime,
    end: datetime,
) -> x509.Certificate:
    builder = _unsigned(subject, signer.certificate.subject, public_key, start, end)
    builder = _identified_issuer(builder, signer.certificate)
    return _sign(_as_leaf(builder, public_key, subject, names, extended_key_usage), signer.key)


def _leaf_subject(common_name: str | None, holder: str | None = None) -> x509.Name:
    parts = ((NameOID.COMMON_NAME, fitting_common_name(common_name or "")), (NameOID.SERIAL_NUMBER, holder))
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text])


def _as_leaf(
    builder: x509.CertificateBuilder,
    public_key: PublicKey,
    subject: x509.Name,
    names: Sequence[str],
    extended_key_usage: Sequence[str],
) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    # Only RSA can encrypt a key with the certificate's own (RFC 8422 section 5.3, RFC 8410 section 5).
    enciphers = isinstance(public_key, rsa.RSAPublicKey)
    builder = builder.add_extension(_key_usage(digital_signature=True, key_encipherment=enciphers), critical=True)
    builder = builder.add_extension(_extended_key_usage(extended_key_usage), critical=False)
    # Critical where it alone names the holder (RFC 5280 section 4.2.1.6).
    return builder.add_extension(
        x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=not subject.rdns
    )


def _unsigned(
    subject: x509.Name, issuer: x509.Name, public_key: PublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _identified_issuer(builder: x509.CertificateBuilder, issuer: x509.Certificate) -> x509.CertificateBuilder:
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    return builder.add_extension(authority, critical=False)


def _as_ca(
    builder: x509.CertificateBuilder, path_length: int | None, constraints: x509.NameConstraints | None
) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    builder = builder.add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
    return builder if constraints is None else builder.add_extension(constraints, critical=True)


def _sign(builder: x509.CertificateBuilder, key: PrivateKey) -> x509.Certificate:
    return builder.sign(key, signing_hash(key))  # type: ignore[arg-type]


def _key_usage(
    *,
    digital_signature: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _extended_key_usage(usages: Sequence[str]) -> x509.ExtendedKeyUsage:
    known = {"serverAuth": ExtendedKeyUsageOID.SERVER_AUTH, "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH}
    if not usages or not known.keys() >= set(usages):
        raise OrthancTlsError(f"extended_key_usage is {list(usages)}; expected serverAuth, clientAuth or both.")
    return x509.ExtendedKeyUsage([oid for usage, oid in known.items() if usage in usages])


def _general_name(name: str) -> x509.GeneralName:
    kind, value = name.split(":", 1)
    if kind == "DNS":
        return x509.DNSName(value)
    if kind == "IP":
        return x509.IPAddress(ipaddress.ip_address(value))
    if kind == "email":
        return x509.RFC822Name(value)
    return x509.UniformResourceIdentifier(value)
