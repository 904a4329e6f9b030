# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server trusts the system's store is told by its alert, although nobody has the key of a CA in there."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from made_certificates import Made, made
from tls_servers import ca, orthanc, server_context, serving

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls import client as tls_client
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.client import Request, Target
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.context import TlsSettings, client_context

VERSIONS = pytest.mark.parametrize("version", ["1.2", "1.3"])


def store(monkeypatch: pytest.MonkeyPatch, folder: Path, *authorities: Made) -> None:
    """Let the system's store hold these, beside a file that is no certificate."""
    for number, authority in enumerate(authorities):
        (folder / f"{number:08x}.0").write_bytes(authority.cert_pem)
    (folder / "00000000.1").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    default = ssl.get_default_verify_paths()
    paths = default._replace(openssl_capath=str(folder), openssl_cafile=str(folder / "missing.pem"))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)


def alert(version: str, *trusted: Made, excepted: str | None = None) -> str | None:
    """Return how a server refuses that trusts these CAs' clients."""
    context = server_context(client_ca=ca())
    for authority in trusted:
        context.load_verify_locations(cadata=authority.cert_pem.decode())
    settings = TlsSettings(version, version, ca().cert_pem.decode(), stranger="system_ca", stranger_except=excepted)
    with serving(orthanc(context)) as port:
        target = Target("node.example", port, "127.0.0.1")
        return tls_client.observe(target, client_context(settings), Request("GET", "/", {}), 3).alert


@VERSIONS
@pytest.mark.parametrize("key_type", ["ecdsa-p256", "ecdsa-p384", "rsa-3072"])
def test_a_server_that_trusts_the_store_complains_of_the_signature_and_another_one_of_the_ca(
    version: str, key_type: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    public = made("A public CA", ca=True, key_type=key_type)
    store(monkeypatch, tmp_path, public)
    assert alert(version, public) == "decrypt_error"
    assert alert(version) == "unknown_ca"


@VERSIONS
def test_a_ca_that_the_server_is_told_to_trust_is_no_open_door_although_it_is_in_the_store(
    version: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hospital, public = made("Hospital CA", ca=True), made("A public CA", ca=True)
    told = tmp_path / "client-trust.pem"
    told.write_bytes(ca().cert_pem + hospital.cert_pem)
    store(monkeypatch, tmp_path, hospital, public)
    assert alert(version, hospital, excepted=str(told)) == "unknown_ca"
    assert alert(version, hospital, public, excepted=str(told)) == "decrypt_error"
    assert alert(version, hospital) == "decrypt_error", "without that it would be taken for one"


def test_what_is_not_valid_or_has_a_key_that_no_client_of_ours_has_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expired, odd = made("Expired CA", ca=True, days=(-9, -2)), made("An Ed25519 CA", ca=True, key_type="ed25519")
    store(monkeypatch, tmp_path, expired, odd)
    assert alert("1.3", expired, odd) == "unknown_ca"
    store(monkeypatch, tmp_path, expired, odd, public := made("A public CA", ca=True))
    assert alert("1.3", expired, odd, public) == "decrypt_error"


def test_an_empty_store_lets_nobody_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    store(monkeypatch, tmp_path)
    assert alert("1.3") == "unknown_ca"


def test_trust_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    settings = TlsSettings("1.2", "1.3", stranger="system_ca", stranger_except=str(tmp_path / "client-trust.pem"))
    with pytest.raises(OrthancTlsError, match=r"forge_except: .*client-trust.pem cannot be read \(No such file"):
        client_context(settings)
