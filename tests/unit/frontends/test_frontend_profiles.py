# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS profiles."""

from __future__ import annotations

import ssl

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.frontends.tls_profiles import PROFILES, tls_profile


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize(("openssl", "hybrid"), [("3.0.22", False), ("3.4.1", False), ("3.5.0", True), ("4.0.0", True)])
def test_the_post_quantum_group_is_there_from_openssl_3_5_on(name: str, openssl: str, hybrid: bool) -> None:
    groups = tls_profile(name, openssl).groups
    assert groups[-3:] == ("X25519", "prime256v1", "secp384r1")
    assert (groups[0] == "?X25519MLKEM768") is hybrid


@pytest.mark.parametrize("name", PROFILES)
def test_every_suite_is_one_that_openssl_knows_and_offers(name: str) -> None:
    for cipher in PROFILES[name].ciphers:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(cipher)
        assert cipher in {suite["name"] for suite in context.get_ciphers()}


def test_no_profile_has_a_protocol_before_tls_1_2() -> None:
    assert {protocol for profile in PROFILES.values() for protocol in profile.protocols} == {"TLSv1.2", "TLSv1.3"}


def test_modern_is_tls_1_3_alone() -> None:
    assert tls_profile("modern", "3.0.22").protocols == ("TLSv1.3",)


def test_dicom_keeps_to_the_four_suites_of_its_profile() -> None:
    assert all("-GCM-" in cipher for cipher in tls_profile("dicom", "3.0.22").ciphers)
    assert len(tls_profile("dicom", "3.0.22").ciphers) == 4


@pytest.mark.parametrize(("name", "openssl"), [("old", "3.0.22"), ("modern", "LibreSSL")])
def test_what_is_unknown_is_said(name: str, openssl: str) -> None:
    with pytest.raises(OrthancTlsError, match="expected"):
        tls_profile(name, openssl)
