# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a certificate, whether it is for a node or for a client."""

from __future__ import annotations


class ModuleDocFragment:
    """Parts of the documentation by name."""

    DOCUMENTATION = r"""
options:
  ca_passphrase:
    description:
      - Passphrase of the CA's key. Needed only where a certificate is due, in check mode too. It never reaches a host.
    type: str
  key_type:
    description:
      - Kind of the private key. Browsers and Windows refuse V(ed25519).
    type: str
    choices: [ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, rsa-4096, ed25519]
    default: ecdsa-p256
  lifetime:
    description:
      - How long a new certificate is valid, as a whole number and one of the units C(m), C(h), C(d), C(w).
      - It is valid no longer than its issuer. A CA that expires before the certificate would be due does not sign.
    type: str
    default: 180d
  renew_before:
    description:
      - How long before the end of its validity a certificate is renewed, written like O(lifetime) and shorter than it.
      - The default is a third of O(lifetime). Up to a tenth of the rest is added, which depends on the name of the host
        or client alone, so that not all certificates are renewed at the same time.
    type: str
"""
