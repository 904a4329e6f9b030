# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three independent verifiers of a chain: OpenSSL (strict), GnuTLS and cryptography."""

from __future__ import annotations

import ipaddress
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import certificate_pem

PURPOSES = {"server": ("sslserver", "1.3.6.1.5.5.7.3.1"), "client": ("sslclient", "1.3.6.1.5.5.7.3.2")}


def complaints(
    folder: Path, root: x509.Certificate, chain: list[x509.Certificate], leaf: x509.Certificate, name: str | None
) -> dict[str, str]:
    """Verify a leaf as a server of that name, or as a client without one; return who complained and how."""
    (folder / "root.pem").write_bytes(certificate_pem(root))
    (folder / "leaf.pem").write_bytes(certificate_pem(leaf))
    (folder / "chain.pem").write_bytes(b"".join(map(certificate_pem, chain)) or certificate_pem(root))
    (folder / "full.pem").write_bytes(b"".join(map(certificate_pem, [leaf, *chain])))
    found = {
        "openssl": _openssl(folder, name),
        "gnutls": _gnutls(folder, name),
        "cryptography": _cryptography(root, chain, leaf, name),
    }
    return {verifier: text for verifier, text in found.items() if text}


def _openssl(folder: Path, name: str | None) -> str:
    expected = ["-verify_ip" if _is_ip(name) else "-verify_hostname", name] if name else []
    purpose = PURPOSES["server" if name else "client"][0]
    trust = ["-no-CApath", "-no-CAstore", "-CAfile", "root.pem", "-untrusted", "chain.pem"]
    return _complaint(folder, ["openssl", "verify", "-x509_strict", "-purpose", purpose, *trust, *expected, "leaf.pem"])


def _gnutls(folder: Path, name: str | None) -> str:
    purpose = f"--verify-purpose={PURPOSES['server' if name else 'client'][1]}"
    expected = [f"--verify-hostname={name}"] if name else []
    trust = ["--load-ca-certificate=root.pem", "--infile=full.pem"]
    return _complaint(folder, ["certtool", "--verify", purpose, *expected, *trust])


def _cryptography(
    root: x509.Certificate, chain: list[x509.Certificate], leaf: x509.Certificate, name: str | None
) -> str:
    policy = PolicyBuilder().store(Store([root])).time(datetime.now(UTC).replace(tzinfo=None))
    try:
        if name is None:
            policy.build_client_verifier().verify(leaf, chain)
        else:
            subject = x509.IPAddress(ipaddress.ip_address(name)) if _is_ip(name) else x509.DNSName(name)
            policy.build_server_verifier(subject).verify(leaf, chain)
    except VerificationError as error:
        return str(error)
    return ""


def _complaint(folder: Path, command: list[str]) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _is_ip(name: str | None) -> bool:
    try:
        ipaddress.ip_address(name or "")
    except ValueError:
        return False
    return True
