# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PEM text (RFC 7468): take it apart into keys and certificates, and write it back in one spelling."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import is_ca, names_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import load_private_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import name_text

try:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
except ImportError:
    pass  # the module that calls says what is missing

if TYPE_CHECKING:
    from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import PrivateKey

_CERTIFICATES = ("CERTIFICATE", "X509 CERTIFICATE")
_KEYS = ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")
# `openssl ecparam -genkey` writes the curve in front of the key; the key repeats it.
_IGNORED = ("EC PARAMETERS",)
_ENCRYPTED = ("ENCRYPTED PRIVATE KEY",)

_BEGIN = re.compile(rb"-----BEGIN")
_BOUNDARY = re.compile(rb"-----(BEGIN|END) ([A-Z0-9][A-Z0-9 ]{0,60})-----")
_LINE = 64  # characters of base64 in a line, RFC 7468 section 2


@dataclass(frozen=True)
class Source:
    """Where PEM comes from: C(name) is what errors call it."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Block:
    """One PEM block as it stands in a source: its label and the text between its boundaries."""

    label: str
    body: bytes = field(repr=False)
    source: str


@dataclass(frozen=True)
class KeyEntry:
    """A private key that can be used as it is; C(pem) keeps the encoding of its source."""

    source: str
    pem: bytes = field(repr=False)
    key: PrivateKey


@dataclass(frozen=True)
class CertificateEntry:
    """A certificate and where it came from."""

    source: str
    pem: bytes
    certificate: x509.Certificate

    @property
    def title(self) -> str:
        """Name the certificate and its source for an error."""
        return f"{subject_text(self.certificate)} in {self.source}"


Entry: TypeAlias = "KeyEntry | CertificateEntry"


def read(sources: Sequence[Source]) -> list[Entry]:
    """Return every key and certificate of the sources, in their order.

    Text outside of the blocks is left out. Raises when a source has no PEM, when a block is cut off, damaged,
    of a kind that has no place among keys and certificates, or an encrypted key.
    """
    return [entry for source in sources for entry in _entries(source)]


def blocks(source: Source) -> list[Block]:
    """Cut a source into its PEM blocks without looking into them."""
    found = list(_blocks(source))
    if len(_BEGIN.findall(source.data)) != len(found):
        raise OrthancTlsError(f"{source.name} has a PEM block whose first line is damaged; restore it.")
    if not found:
        raise OrthancTlsError(
            f"{source.name} holds no PEM: expected '-----BEGIN ...'; "
            "a DER file is turned into PEM by 'openssl x509 -inform DER' or 'openssl pkey -inform DER'."
        )
    return found


def read_block(block: Block) -> Entry:
    """Return the block's key or certificate; raises when it is damaged, encrypted or neither."""
    if is_encrypted(block):
        raise OrthancTlsError(
            f"{block.source} holds an encrypted private key, which a server cannot open at its start; "
            "decrypt it with 'openssl pkey -in <file> -out <new file>' into a folder that others cannot enter."
        )
    if block.label in _CERTIFICATES:
        der = _der(block)
        return CertificateEntry(block.source, _armour("CERTIFICATE", der), load_der(der, block.source))
    if block.label in _KEYS:
        pem = normalised(block)
        return KeyEntry(block.source, pem, load_private_key(pem, None, f"The {block.label} in {block.source}"))
    raise OrthancTlsError(
        f"{block.source} holds a block {block.label!r}; expected CERTIFICATE or PRIVATE KEY; take it out of the source."
    )


def load_der(der: bytes, source: str) -> x509.Certificate:
    """Return a certificate whose every field can be read; C(source) says in errors where it came from."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        # These are read lazily; an error has to come here, where the source is known.
        certificate.public_key()
        name_text(certificate.subject)
        name_text(certificate.issuer)
        is_ca(certificate)
    except (
        ValueError,
        TypeError,
        LookupError,
        UnsupportedAlgorithm,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ) as error:
        raise OrthancTlsError(f"{source} holds a certificate that cannot be read ({error}); restore it.") from error
    return certificate


def normalised(block: Block) -> bytes:
    """Write the block's text in one spelling, whatever it holds."""
    return _armour(block.label, _der(block))


def is_encrypted(block: Block) -> bool:
    """Say whether the block is a key that needs a passphrase (PKCS#8, or the older OpenSSL form)."""
    return block.label in _ENCRYPTED or (block.label in _KEYS and b"Proc-Type" in block.body)


def holds_key(block: Block) -> bool:
    """Say whether the block is a private key, encrypted or not."""
    return block.label.endswith("PRIVATE KEY")


def subject_text(certificate: x509.Certificate) -> str:
    """Return the subject as in RFC 4514, or the first name where there is no subject."""
    text = name_text(certificate.subject)
    return text or next(iter(names_of(certificate)), "a certificate without names")


def _blocks(source: Source) -> Iterator[Block]:
    opened: re.Match[bytes] | None = None
    for boundary in _BOUNDARY.finditer(source.data):
        if boundary[1] == b"BEGIN" and opened is None:
            opened = boundary
        elif boundary[1] == b"END" and opened is not None and opened[2] == boundary[2]:
            yield Block(opened[2].decode(), source.data[opened.end() : boundary.start()], source.name)
            opened = None
        else:
            raise _cut_off(source, opened or boundary)
    if opened is not None:
        raise _cut_off(source, opened)


def _cut_off(source: Source, boundary: re.Match[bytes]) -> OrthancTlsError:
    line = source.data.count(b"\n", 0, boundary.start()) + 1
    return OrthancTlsError(
        f"{source.name} has a {boundary[2].decode()} in line {line} that is cut off: "
        "its BEGIN and END lines do not pair; restore it."
    )


def _entries(source: Source) -> list[Entry]:
    entries = [read_block(block) for block in blocks(source) if block.label not in _IGNORED]
    if not entries:
        raise OrthancTlsError(f"{source.name} holds neither a private key nor a certificate; remove it from sources.")
    return entries


def _der(block: Block) -> bytes:
    try:
        return base64.b64decode(b"".join(block.body.split()), validate=True)
    except binascii.Error as error:
        raise OrthancTlsError(f"{block.source} has a {block.label} that is damaged ({error}); restore it.") from error


def _armour(label: str, der: bytes) -> bytes:
    text = base64.b64encode(der).decode()
    lines = [text[start : start + _LINE] for start in range(0, len(text), _LINE)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()
