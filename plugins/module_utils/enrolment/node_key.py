# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's private key and the signing request for it, made by the program openssl (standard library only).

Python's C(cryptography) would do the same, and takes longer to load than everything else on the node together.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

_NEW_KEY = {
    "ecdsa-p256": ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "ecdsa-p384": ("ec", "-pkeyopt", "ec_paramgen_curve:P-384"),
    "rsa-2048": ("rsa:2048",),
    "rsa-3072": ("rsa:3072",),
    "rsa-4096": ("rsa:4096",),
    "ed25519": ("ed25519",),
}
_PEM_BLOCKS = re.compile(
    rb"(-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----\n)\s*"
    rb"(-----BEGIN CERTIFICATE REQUEST-----.*?-----END CERTIFICATE REQUEST-----\n)",
    re.DOTALL,
)
_SECONDS = 60


def new_key(key_type: str) -> tuple[bytes, bytes]:
    """Make a private key of one of C(KEY_TYPES); return it as PKCS#8 PEM, and the signing request for it as PEM.

    The request (PKCS#10, RFC 2986) proves the key and says nothing else. Neither is written to any file.
    """
    return _made(key_type, "/", [])


def new_request(
    key_type: str, common_name: str | None, names: Sequence[str], usages: Sequence[str]
) -> tuple[bytes, bytes]:
    """Make the same, with a request that says what is asked for: a CA that is not ours signs what the request says."""
    key_usage = "digitalSignature,keyEncipherment" if key_type.startswith("rsa") else "digitalSignature"
    extensions = [
        f"subjectAltName={'' if common_name else 'critical,'}{','.join(names)}",
        f"extendedKeyUsage={','.join(usages)}",
        f"keyUsage=critical,{key_usage}",
    ]
    return _made(key_type, f"/CN={common_name}" if common_name else "/", extensions)


def _made(key_type: str, subject: str, extensions: Sequence[str]) -> tuple[bytes, bytes]:
    # Without a configuration file: what this node's administrator writes there is for other requests.
    request = ["openssl", "req", "-new", "-subj", subject, "-config", "/dev/null", "-newkey", *_NEW_KEY[key_type]]
    for extension in extensions:
        request += ["-addext", extension]
    try:
        made = subprocess.run([*request, "-nodes", "-keyout", "-"], capture_output=True, timeout=_SECONDS, check=False)
    except FileNotFoundError:
        raise OrthancTlsError(
            "This node has no program 'openssl', which makes its key; install Debian's package openssl."
        ) from None
    blocks = _PEM_BLOCKS.search(made.stdout)
    if made.returncode or blocks is None:
        complaint = made.stderr.decode(errors="replace").strip() or "it said nothing"
        raise OrthancTlsError(f"The program 'openssl' on this node made no key of type {key_type}: {complaint}.")
    return blocks[1], blocks[2]
