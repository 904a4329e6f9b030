# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""X.509 certificates: read them and say what is in them (cryptography 38 and later)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
except ImportError:
    pass  # the module that calls says what is missing

_BEGIN = b"-----BEGIN CERTIFICATE-----"
_BLOCK = re.compile(_BEGIN + rb"[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")


def load_certificates(pem: bytes, source: str) -> list[x509.Certificate]:
    """Read every certificate of a PEM, in its order; C(source) says in errors where it came from."""
    blocks = _BLOCK.findall(pem)
    if not pem.count(_BEGIN):
        raise OrthancTlsError(f"{source} holds no certificate; expected PEM with at least one.")
    if len(blocks) != pem.count(_BEGIN):
        raise OrthancTlsError(f"{source} holds a certificate that is cut off or damaged; restore it.")
    try:
        return [x509.load_pem_x509_certificate(block) for block in blocks]
    except ValueError as error:
        raise OrthancTlsError(f"{source} holds a certificate that cannot be read ({error}); restore it.") from error


def load_texts(texts: Sequence[str], option: str) -> list[x509.Certificate]:
    """Read every certificate of an option's PEM texts; an error names the option and the entry."""
    return [
        certificate
        for number, text in enumerate(texts, start=1)
        for certificate in load_certificates(text.encode(), f"{option}, entry {number},")
    ]


def certificate_pem(certificate: x509.Certificate) -> bytes:
    """Return the certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def fingerprint_sha256(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the certificate's DER, in lower-case hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def not_before(certificate: x509.Certificate) -> datetime:
    """Return the aware instant from which the certificate is valid."""
    # The aware attributes came with cryptography 42, and the naive ones are deprecated since.
    if hasattr(certificate, "not_valid_before_utc"):
        return certificate.not_valid_before_utc
    return certificate.not_valid_before.replace(tzinfo=UTC)


def not_after(certificate: x509.Certificate) -> datetime:
    """Return the aware instant up to which the certificate is valid."""
    if hasattr(certificate, "not_valid_after_utc"):
        return certificate.not_valid_after_utc
    return certificate.not_valid_after.replace(tzinfo=UTC)


def names_of(certificate: x509.Certificate | x509.CertificateSigningRequest) -> list[str]:
    """Return the sorted subject alternative names, spelt as C(names.canonical_names) spells them."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return sorted(_spelt(name) for name in names)


def is_ca(certificate: x509.Certificate) -> bool:
    """Say whether the certificate may sign others (basicConstraints, RFC 5280 section 4.2.1.9)."""
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Say whether C(issuer) is named as the issuer and its key made the signature."""
    if certificate.issuer != issuer.subject:
        return False
    try:
        _verify(certificate, issuer.public_key())
    except (InvalidSignature, TypeError):
        return False
    return True


def _verify(certificate: x509.Certificate, key: object) -> None:
    signature, signed = certificate.signature, certificate.tbs_certificate_bytes
    if isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
        return key.verify(signature, signed)
    algorithm = certificate.signature_hash_algorithm
    if algorithm is not None and isinstance(key, ec.EllipticCurvePublicKey):
        return key.verify(signature, signed, ec.ECDSA(algorithm))
    if algorithm is not None and isinstance(key, rsa.RSAPublicKey):
        # RSA-PSS is told apart since cryptography 41; before, only PKCS#1 v1.5 is recognised.
        parameters = getattr(certificate, "signature_algorithm_parameters", None)
        scheme = parameters if isinstance(parameters, padding.PSS) else padding.PKCS1v15()
        return key.verify(signature, signed, scheme, algorithm)
    raise TypeError(f"cannot verify with {type(key).__name__}")


def _spelt(name: x509.GeneralName) -> str:
    if isinstance(name, x509.DNSName):
        return f"DNS:{name.value.lower()}"
    if isinstance(name, x509.IPAddress):
        return f"IP:{name.value}"
    if isinstance(name, x509.RFC822Name):
        return f"email:{name.value}"
    if isinstance(name, x509.UniformResourceIdentifier):
        return f"URI:{name.value}"
    return f"{type(name).__name__}:{name.value}"
