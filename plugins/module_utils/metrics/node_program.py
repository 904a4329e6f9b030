# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that a node's timer runs: what its certificates are like, in the text format of Prometheus.

It is put on the node as it is, so that it imports nothing of the collection. It reads certificates and makes one
handshake with its own machine. It opens no private key.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import re
import socket
import ssl
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

try:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding
except ImportError:
    pass  # main says what is missing

_PREFIX = "orthanc_tls_"
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
_TIMEOUT = 10  # seconds
_AGAIN = (0, 3, 6)  # seconds before each handshake: a web server that reloads serves the old certificate for a moment
_LEAF, _TRUSTED = "cert.pem", ("chain.pem", "client-trust.pem", "server-trust.pem")

Labels = Mapping[str, str]
Sample = tuple[Labels, float]


@dataclass(frozen=True)
class MetricsAsked:
    """What the unit says, in seconds; C(server_certificate) is where it serves that of another issuer."""

    node: str
    identity: str
    port: int
    server_name: str
    output: str
    renew_before: int
    backdated: int
    server_certificate: str


@dataclass
class MetricsFound:
    """What there is to tell; C(faults) could not be read."""

    certificates: list[Sample] = field(default_factory=list)
    renewals: list[Sample] = field(default_factory=list)
    authorities: list[Sample] = field(default_factory=list)
    matches: list[Sample] = field(default_factory=list)
    held: list[Sample] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    """Write the file; what could not be read is told, and ends with status 1."""
    importlib.import_module("cryptography")
    asked = _asked(arguments)
    found = look(asked)
    write(asked.output, text_of(found))
    for fault in found.faults:
        sys.stderr.write(f"{fault}\n")
    return 1 if found.faults else 0


def look(asked: MetricsAsked) -> MetricsFound:
    """Read certificates of the live generation, and ask the port on this machine what it serves."""
    found, node = MetricsFound(), {"node": asked.node}
    held = os.path.lexists(os.path.join(asked.identity, "held"))
    found.held.append((node, float(held)))
    live = os.path.realpath(os.path.join(asked.identity, "current"))  # once: all of it is of one generation
    leaf = next(iter(_read(os.path.join(live, _LEAF), found)), None)
    on_disk = None if leaf is None else leaf.public_bytes(Encoding.DER)
    served = _served(asked, on_disk)
    if leaf is not None:
        labels = _labels(asked.node, "node", leaf, os.path.join(asked.identity, "current", _LEAF))
        found.certificates.append((labels, _end(leaf).timestamp()))
        if not held:
            found.renewals.append((labels, _due(leaf, asked).timestamp()))
    if not asked.server_certificate:
        found.matches.append((node, float(served is not None and served == on_disk)))
    elif served is not None:
        other = x509.load_der_x509_certificate(served)
        labels = _labels(asked.node, "server", other, asked.server_certificate)
        found.certificates.append((labels, _end(other).timestamp()))
    found.authorities += _authorities(asked, live, found)
    return found


def _authorities(asked: MetricsAsked, live: str, found: MetricsFound) -> Iterator[Sample]:
    told = set()
    for name in _TRUSTED:
        path = os.path.join(asked.identity, "current", name)
        for certificate in _read(os.path.join(live, name), found, optional=True):
            if _is_ca(certificate) and certificate.serial_number not in told:
                told.add(certificate.serial_number)
                names = {"subject": _name(certificate.subject), "serial": f"{certificate.serial_number:x}"}
                yield {"node": asked.node, **names, "path": path}, _end(certificate).timestamp()


def _read(path: str, found: MetricsFound, *, optional: bool = False) -> list[x509.Certificate]:
    try:
        with open(path, "rb") as file:
            return [x509.load_pem_x509_certificate(block) for block in _BLOCK.findall(file.read())]
    except FileNotFoundError as error:
        if not optional:
            found.faults.append(f"{path}: {error.strerror}")
    except (OSError, ValueError) as error:
        found.faults.append(f"{path}: {error}")
    return []


def _served(asked: MetricsAsked, on_disk: bytes | None) -> bytes | None:
    """Return the certificate that the port serves, asked again where it is not the expected one."""
    served = None
    for pause in _AGAIN:
        time.sleep(pause)
        served = _handshake(asked)
        if served is not None and (asked.server_certificate or served == on_disk):
            break
    return served


def _handshake(asked: MetricsAsked) -> bytes | None:
    """A server that demands a certificate of the client has shown its own before that."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", asked.port), timeout=_TIMEOUT) as connection,
            context.wrap_socket(connection, server_hostname=asked.server_name) as tls,
        ):
            return tls.getpeercert(binary_form=True)
    except (OSError, ValueError):
        return None


def _labels(node: str, role: str, certificate: x509.Certificate, path: str) -> Labels:
    return {
        "node": node,
        "role": role,
        "subject": _name(certificate.subject),
        "issuer": _name(certificate.issuer),
        "serial": f"{certificate.serial_number:x}",
        "path": path,
    }


def _name(name: x509.Name) -> str:
    return name.rfc4514_string({x509.NameOID.SERIAL_NUMBER: "serialNumber"})


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _instant(certificate: x509.Certificate, name: str) -> datetime:
    # The aware attributes came with cryptography 42, and the naive ones are deprecated since.
    aware = getattr(certificate, f"{name}_utc", None)
    found: datetime = aware or getattr(certificate, name).replace(tzinfo=UTC)
    return found


def _end(certificate: x509.Certificate) -> datetime:
    return _instant(certificate, "not_valid_after")


def _due(leaf: x509.Certificate, asked: MetricsAsked) -> datetime:
    lifetime = max(_end(leaf) - _instant(leaf, "not_valid_before") - timedelta(seconds=asked.backdated), timedelta(0))
    window = timedelta(seconds=asked.renew_before)
    return _end(leaf) - (window if timedelta(0) < window < lifetime else lifetime / 3)


def text_of(found: MetricsFound) -> str:
    """Return the text; a metric without samples is left out."""
    families = [
        ("certificate_not_after_timestamp_seconds", "When a certificate expires.", found.certificates),
        ("certificate_renewal_timestamp_seconds", "When its renewal is due.", found.renewals),
        ("ca_not_after_timestamp_seconds", "When a CA expires that the node trusts.", found.authorities),
        ("served_certificate_matches", "1 where the node serves the certificate on its disk.", found.matches),
        ("generation_held", "1 where the node is held at its generation.", found.held),
    ]
    return "".join(_family(f"{_PREFIX}{name}", told, samples) for name, told, samples in families)


def _family(name: str, told: str, samples: Iterable[Sample]) -> str:
    lines = [f"{name}{{{_quoted(labels)}}} {value:.0f}" for labels, value in samples]
    return "\n".join([f"# HELP {name} {told}", f"# TYPE {name} gauge", *lines, ""]) if lines else ""


def _quoted(labels: Labels) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def write(path: str, text: str) -> None:
    """Replace the file as a whole. Its folder may belong to another user, whose links are not followed."""
    new = f"{path}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(new)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o644)
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    os.replace(new, path)


def _asked(arguments: Sequence[str]) -> MetricsAsked:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    for name in ("node", "identity", "server-name", "output"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--renew-before", type=int, default=0)
    parser.add_argument("--backdated", type=int, default=0)
    parser.add_argument("--server-certificate", default="")
    return MetricsAsked(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
