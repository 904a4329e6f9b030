# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's key and its signing request: of every type, they belong together, and the request says nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.node_key import new_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.key_types import KEY_TYPES
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import (
    key_type_of,
    load_private_key,
    public_key_sha256,
)


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_a_signing_request_proves_the_key_and_says_nothing_else(key_type: str) -> None:
    pem, request_pem = new_key(key_type)
    public_key = load_private_key(pem, None).public_key()
    request = x509.load_pem_x509_csr(request_pem)
    assert key_type_of(public_key) == key_type
    assert request.is_signature_valid
    assert (list(request.subject), list(request.extensions)) == ([], [])
    assert public_key_sha256(request.public_key()) == public_key_sha256(public_key)  # type: ignore[arg-type]


def test_no_two_keys_are_the_same() -> None:
    assert new_key("ed25519")[0] != new_key("ed25519")[0]


def test_the_administrators_settings_of_openssl_do_not_reach_the_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "openssl.cnf"
    settings.write_text("[req]\ndistinguished_name=dn\nreq_extensions=more\n[dn]\n[more]\nsubjectAltName=DNS:a.test\n")
    monkeypatch.setenv("OPENSSL_CONF", str(settings))
    assert list(x509.load_pem_x509_csr(new_key("ecdsa-p256")[1]).extensions) == []


@pytest.mark.parametrize(
    ("program", "complaint"),
    [("echo 'no entropy' >&2; exit 1", "made no key of type ecdsa-p256: no entropy"), ("exit 0", "it said nothing")],
    ids=["failed", "silent"],
)
def test_an_openssl_that_makes_no_key_is_an_error_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, complaint: str
) -> None:
    stand_in = tmp_path / "openssl"
    stand_in.write_text(f"#!/bin/sh\n{program}\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OrthancTlsError, match=complaint):
        new_key("ecdsa-p256")
