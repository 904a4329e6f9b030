# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""certificate_info: PEM, generation folders, and TLS ports that do and do not like their client."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from loopback_tls import listening, tls_server
from made_certificates import NOW, Made, encrypted_pem, hierarchy, made

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import (
    MANIFEST,
    Manifest,
    Ownership,
    leaf_files,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import GenerationStore
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.certificates import facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls import served_chain
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import public_key_sha256
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.read_leaf import read_leaf

ROOT, INTERMEDIATE, LEAF = hierarchy()
DEFAULTS: dict[str, Any] = dict.fromkeys(("path", "content", "host", "port", "server_name", "client_certificate"))


def info(**options: Any) -> dict[str, Any]:
    return facts({**DEFAULTS, "timeout": 5.0, **options}, NOW)


def content(*parts: bytes) -> dict[str, Any]:
    return info(content=b"".join(parts).decode())


@pytest.fixture
def server_pem(tmp_path: Path) -> Path:
    path = tmp_path / "server.pem"
    path.write_bytes(LEAF.key_pem + LEAF.cert_pem + INTERMEDIATE.cert_pem)
    return path


@pytest.fixture
def client_pem(tmp_path: Path) -> Path:
    path, client = tmp_path / "client.pem", made("person", ROOT)
    path.write_bytes(client.key_pem + client.cert_pem)
    return path


@pytest.fixture
def client_ca(tmp_path: Path) -> Path:
    path = tmp_path / "client-ca.pem"
    path.write_bytes(ROOT.cert_pem)
    return path


def identity(path: Path, leaf: Made = LEAF) -> GenerationStore:
    """Make an identity's folder as the certificate module does."""
    store = GenerationStore(str(path), Ownership(os.geteuid(), os.getegid()))
    trust = {"client-trust.pem": ROOT.cert_pem, "server-trust.pem": ROOT.cert_pem + made("partner", ca=True).cert_pem}
    files = {**leaf_files(leaf.key_pem, leaf.cert_pem, INTERMEDIATE.cert_pem), **trust}
    described = read_leaf(leaf.certificate, INTERMEDIATE.certificate)
    name = store.stage(NOW)
    store.fill(name, {**files, MANIFEST: Manifest.of(described, files).to_json()})
    store.commit(name)
    return store


def test_a_certificate_shows_every_fact() -> None:
    (leaf,) = content(LEAF.cert_pem)["certificates"]
    openssl = subprocess.run(
        ["openssl", "x509", "-noout", "-serial", "-fingerprint", "-sha256"],
        input=LEAF.cert_pem,
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert f"serial={leaf['serial'].upper()}" in openssl.replace("serial=0", "serial=")
    assert leaf["fingerprint_sha256"] in openssl.replace(":", "").lower()
    assert leaf == {
        "subject": "CN=node",
        "issuer": "CN=Intermediate",
        "serial": f"{LEAF.certificate.serial_number:x}",
        "names": ["DNS:localhost", "IP:127.0.0.1"],
        "not_before": utc_text(NOW - timedelta(days=1)),
        "not_after": utc_text(NOW + timedelta(days=30)),
        "days_left": 30,
        "fingerprint_sha256": leaf["fingerprint_sha256"],
        "public_key_sha256": public_key_sha256(LEAF.key.public_key()),
        "key_type": "ecdsa-p256",
        "is_ca": False,
        "extended_key_usage": ["serverAuth", "clientAuth"],
        "key_usage": [],
        "subject_key_identifier": None,
        "authority_key_identifier": None,
    }


def test_key_usage_and_ca_are_shown_in_the_words_of_rfc_5280(tmp_path: Path) -> None:
    extensions = "keyUsage=critical,keyCertSign,cRLSign,digitalSignature"
    command = ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=CA", "-addext", extensions]
    subprocess.run([*command, "-keyout", "/dev/null", "-out", tmp_path / "ca.pem"], check=True, capture_output=True)
    (authority,) = info(path=str(tmp_path / "ca.pem"))["certificates"]
    assert authority["key_usage"] == ["digitalSignature", "keyCertSign", "cRLSign"]
    assert (authority["is_ca"], authority["key_type"], authority["extended_key_usage"]) == (True, "ed25519", [])


def test_an_expired_certificate_is_shown_with_negative_days() -> None:
    assert content(made("old", days=(-30, -2)).cert_pem)["certificates"][0]["days_left"] == -2


def test_a_key_shows_its_public_side_and_an_encrypted_one_only_that_it_is() -> None:
    seen = content(LEAF.key_pem, LEAF.cert_pem)
    assert seen["private_key"]["public_key_sha256"] == seen["certificates"][0]["public_key_sha256"]
    hidden = content(encrypted_pem(LEAF.key, "secret"), LEAF.cert_pem)["private_key"]
    assert hidden == {"encrypted": True, "key_type": None, "public_key_sha256": None}
    assert content(LEAF.cert_pem)["private_key"] is None


def test_an_identity_shows_its_current_generation_and_both_trust_lists(tmp_path: Path) -> None:
    store = identity(tmp_path / "tls")
    seen = info(path=str(tmp_path / "tls"))
    current = store.current()
    assert current is not None and current.manifest is not None
    assert [certificate["subject"] for certificate in seen["certificates"]] == ["CN=node", "CN=Intermediate"]
    assert [certificate["subject"] for certificate in seen["client_trust"]] == ["CN=Root"]
    assert [certificate["subject"] for certificate in seen["server_trust"]] == ["CN=Root", "CN=partner"]
    assert seen["generation"] == {
        "name": current.name,
        "path": current.folder,
        "matches_manifest": True,
        "faults": {},
        "trust_sha256": current.manifest.trust_sha256,
    }


@pytest.mark.parametrize("below", ["current", "generations"])
def test_one_generation_can_be_named_directly_or_by_its_link(tmp_path: Path, below: str) -> None:
    current = identity(tmp_path / "tls").current()
    assert current is not None
    path = tmp_path / "tls" / "current" if below == "current" else tmp_path / "tls" / below / current.name
    assert info(path=str(path))["generation"]["name"] == current.name


def damage_trust(folder: Path) -> None:
    (folder / "client-trust.pem").write_bytes(b"nothing")


def swap_leaf(folder: Path) -> None:
    (folder / "cert.pem").write_bytes(ROOT.cert_pem)


def open_key(folder: Path) -> None:
    (folder / "key.pem").chmod(0o644)


def drop_chain(folder: Path) -> None:
    (folder / "fullchain.pem").unlink()


def drop_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("{}")


@pytest.mark.parametrize(
    ("damage", "file", "words"),
    [
        (damage_trust, "client-trust.pem", "is not the file that the manifest describes"),
        (swap_leaf, "cert.pem", "is not the file that the manifest describes"),
        (open_key, "key.pem", "has mode 0644 instead of 0640"),
        (drop_chain, "fullchain.pem", "cannot be read: No such file"),
        (drop_manifest, "manifest.json", "is no manifest"),
    ],
)
def test_a_damaged_generation_is_shown_with_its_faults(
    tmp_path: Path, damage: Callable[[Path], None], file: str, words: str
) -> None:
    identity(tmp_path / "tls")
    damage(tmp_path / "tls" / "current")
    generation = info(path=str(tmp_path / "tls"))["generation"]
    assert not generation["matches_manifest"]
    assert words in generation["faults"][file]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"path": "/not/there.pem"}, "Cannot read /not/there.pem: No such file", id="missing file"),
        pytest.param({"path": "/"}, "/ is no identity's folder: it has neither 'current' nor", id="other folder"),
        pytest.param({"content": "hello"}, "content holds no PEM", id="no PEM"),
        pytest.param(
            {"content": "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----"}, "neither a certificate nor", id="CRL"
        ),
        pytest.param({"host": "127.0.0.1", "port": 1}, "Cannot connect to 127.0.0.1:1: Connection refused", id="port"),
        pytest.param({"host": "::1", "port": 1}, r"Cannot connect to [::1]:1", id="IPv6 port"),
    ],
)
def test_what_cannot_be_shown_is_an_error_that_says_why(options: dict[str, Any], words: str) -> None:
    with pytest.raises(OrthancTlsError) as caught:
        info(**options)
    assert words in str(caught.value)


@pytest.mark.parametrize("maximum", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_port_shows_its_whole_chain_without_any_trust(server_pem: Path, maximum: ssl.TLSVersion) -> None:
    with tls_server(server_pem, maximum=maximum) as port:
        seen = info(host="127.0.0.1", port=port)
    assert [certificate["subject"] for certificate in seen["certificates"]] == ["CN=node", "CN=Intermediate"]
    version = maximum.name.replace("_", ".")
    assert seen["tls"] == {"version": version, "whole_chain": True, "handshake_error": None}


def test_an_expired_certificate_of_an_unknown_ca_is_shown(tmp_path: Path) -> None:
    old = made("old", days=(-30, -2))
    (tmp_path / "old.pem").write_bytes(old.key_pem + old.cert_pem)
    with tls_server(tmp_path / "old.pem") as port:
        seen = info(host="localhost", port=port, server_name="somebody.else")
    assert [certificate["days_left"] for certificate in seen["certificates"]] == [-2]


@pytest.mark.parametrize("maximum", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_demands_a_client_certificate_shows_its_own_all_the_same(
    server_pem: Path, client_ca: Path, maximum: ssl.TLSVersion
) -> None:
    with tls_server(server_pem, client_ca=client_ca, maximum=maximum) as port:
        seen = info(host="127.0.0.1", port=port)
    assert [certificate["subject"] for certificate in seen["certificates"]] == ["CN=node", "CN=Intermediate"]
    refused_in_the_handshake = maximum is ssl.TLSVersion.TLSv1_2
    assert (seen["tls"]["handshake_error"] is not None) == refused_in_the_handshake


def test_with_a_client_certificate_the_handshake_succeeds(server_pem: Path, client_ca: Path, client_pem: Path) -> None:
    with tls_server(server_pem, client_ca=client_ca, maximum=ssl.TLSVersion.TLSv1_2) as port:
        seen = info(host="127.0.0.1", port=port, client_certificate=str(client_pem))
    assert seen["tls"]["handshake_error"] is None


def test_a_client_certificate_that_cannot_be_used_is_named(tmp_path: Path, server_pem: Path) -> None:
    encrypted = tmp_path / "encrypted.pem"
    encrypted.write_bytes(encrypted_pem(LEAF.key, "secret") + LEAF.cert_pem)
    with tls_server(server_pem) as port:
        with pytest.raises(OrthancTlsError, match=r"encrypted\.pem cannot be used"):
            info(host="127.0.0.1", port=port, client_certificate=str(encrypted))
        with pytest.raises(OrthancTlsError, match="/not/there is not there"):
            info(host="127.0.0.1", port=port, client_certificate="/not/there")


def test_a_python_that_shows_the_leaf_only_says_so(server_pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served_chain, "_chain", lambda tls: None)
    with tls_server(server_pem) as port:
        seen = info(host="127.0.0.1", port=port)
    assert [certificate["subject"] for certificate in seen["certificates"]] == ["CN=node"]
    assert not seen["tls"]["whole_chain"]


def test_a_port_without_tls_is_an_error() -> None:
    def answer(listener: socket.socket) -> None:
        connection, _address = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")

    with listening() as listener:
        threading.Thread(target=answer, args=(listener,), daemon=True).start()
        with pytest.raises(OrthancTlsError, match=r"served no certificate: .*check that the port speaks TLS"):
            info(host="127.0.0.1", port=listener.getsockname()[1])


def test_a_silent_port_is_left_after_the_timeout() -> None:
    with listening() as listener, pytest.raises(OrthancTlsError, match=r"served no certificate: .*timed out"):
        info(host="127.0.0.1", port=listener.getsockname()[1], timeout=0.3)


def test_the_name_that_is_asked_for_is_the_host_unless_it_is_an_address(server_pem: Path) -> None:
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_pem)
    context.sni_callback = lambda _tls, name, _context: asked.append(name)
    for host, server_name in (("localhost", None), ("127.0.0.1", None), ("127.0.0.1", "node"), ("localhost", "")):
        with listening() as listener:

            def shake_hands(listener: socket.socket = listener) -> None:
                connection, _address = listener.accept()
                with context.wrap_socket(connection, server_side=True) as tls:
                    tls.recv(1)

            thread = threading.Thread(target=shake_hands, daemon=True)
            thread.start()
            info(host=host, port=listener.getsockname()[1], server_name=server_name)
            thread.join(5)
    assert asked == ["localhost", None, "node", None]
