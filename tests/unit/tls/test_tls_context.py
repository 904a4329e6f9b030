# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A probe's client is as strict as an ordinary one, and the key that it presents touches no disk."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from made_certificates import Made, made
from tls_servers import answering, ca, combined, node, server_context, serving

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls import client as tls_client
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.client import Request, Target
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.context import (
    TlsSettings,
    client_context,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.handshake import file_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.observations import Kind, Observation
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.rehearsal import check_served


def settings(minimum: str = "1.2", maximum: str = "1.3") -> TlsSettings:
    return TlsSettings(minimum, maximum, ca().cert_pem.decode(), certificate=combined(node()))


def weak() -> Made:
    """A node's leaf with a key that ordinary clients refuse for its size."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    return made("node.example", ca(), key=key, names=["DNS:node.example"])


def asked(settings: TlsSettings) -> Observation:
    context = server_context(weak(), ciphers="DEFAULT:@SECLEVEL=0")
    with serving(answering(context=context)) as port:
        target = Target("node.example", port, "127.0.0.1")
        return tls_client.observe(target, client_context(settings), Request("GET", "/", {}), 3)


@pytest.mark.parametrize(("minimum", "maximum"), [("1.2", "1.3"), ("1.2", "1.2"), ("1.3", "1.3")])
def test_a_probe_accepts_no_more_than_an_ordinary_client_does(minimum: str, maximum: str) -> None:
    context, ordinary = client_context(settings(minimum, maximum)), ssl.create_default_context()
    assert context.security_level == ordinary.security_level > 0
    assert [suite["name"] for suite in context.get_ciphers()] == [suite["name"] for suite in ordinary.get_ciphers()]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("minimum", ["1.0", "1.1"])
def test_only_a_probe_that_offers_old_tls_lowers_the_security_level(minimum: str) -> None:
    assert client_context(settings(minimum)).security_level == 0
    assert client_context(settings(minimum, minimum)).security_level == 0


def test_a_server_s_weak_key_is_refused_as_real_clients_refuse_it() -> None:
    assert asked(settings("1.1")).status == 200, "the server works, and a client without a security level takes its key"
    refused = asked(settings())
    assert refused.kind is Kind.FAILED
    assert refused.text.startswith("the server's certificate is not trusted (") and "too weak" in refused.text


@pytest.fixture
def no_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Let every temporary file fail."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    yield


@pytest.mark.usefixtures("no_disk")
def test_a_key_that_is_given_as_text_never_touches_a_disk() -> None:
    assert client_context(settings())
    check_served(combined(node()).encode(), ca().cert_pem, "node.example")
    with file_of(b"secret") as path:
        assert path.startswith("/proc/self/fd/") and Path(path).read_bytes() == b"secret"


@pytest.mark.parametrize("name", ["other.example", "node.example.org"])
def test_what_is_served_must_be_for_the_name_that_is_called(name: str) -> None:
    check_served(combined(node()).encode(), ca().cert_pem, "node.example")
    with pytest.raises(OrthancTlsError, match=f"calls for {name} refuses it: Hostname mismatch"):
        check_served(combined(node()).encode(), ca().cert_pem, name)


def test_what_is_served_is_tried_as_an_ordinary_client_would() -> None:
    with pytest.raises(OrthancTlsError, match="OpenSSL on this host cannot serve with it: EE_KEY_TOO_SMALL"):
        check_served(combined(weak()).encode(), ca().cert_pem, "node.example")
