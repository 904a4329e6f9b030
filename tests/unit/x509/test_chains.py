# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every chain that a CA issues is accepted by OpenSSL's strict mode, by GnuTLS and by cryptography."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from authorities import NOW, PASSPHRASE, made_folder, order
from verifiers import complaints

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import load_certificates
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import sign_leaf
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import canonical_names, client_names

DAYS = timedelta(days=180)
NODE = ["serverAuth", "clientAuth"]
CONSTRAINED = order(intermediate=True, permitted=["DNS:example.org", "IP:10.0.0.0/8"], excluded=["DNS:bad.example.org"])
ORDERS = {
    "p256": order(),
    "p384": order(key_type="ecdsa-p384"),
    "rsa": order(key_type="rsa-2048"),
    "p384 intermediate": order(key_type="ecdsa-p384", intermediate=True),
    "rsa intermediate": order(key_type="rsa-2048", intermediate=True),
    "constrained intermediate": CONSTRAINED,
}


def found(
    folder: Path,
    wanted: str,
    common_name: str | None,
    names: list[str],
    usages: list[str],
    key_type: str,
    name: str | None,
) -> dict[str, str]:
    made = made_folder(folder, ORDERS[wanted])
    authority = made.active()
    key = generate_key(key_type)
    leaf = sign_leaf(
        made.signer(PASSPHRASE),
        key.public_key(),
        common_name=common_name,
        names=names,
        extended_key_usage=usages,
        lifetime=DAYS,
        window=DAYS / 3,
        now=NOW,
    )
    return complaints(folder, authority.root, authority.chain, leaf, name)


@pytest.mark.parametrize("wanted", ORDERS)
@pytest.mark.parametrize("name", ["archive.example.org", "edge.archive.example.org", "10.1.2.3", None])
def test_a_node_is_a_server_of_each_of_its_names_and_a_client(tmp_path: Path, wanted: str, name: str | None) -> None:
    alternative = ["DNS:*.archive.example.org", "IP:10.1.2.3"]
    common_name, names = canonical_names("archive.example.org", alternative, allow_wildcard=True)
    assert found(tmp_path, wanted, common_name, names, NODE, "ecdsa-p256", name) == {}


@pytest.mark.parametrize("wanted", sorted(ORDERS.keys() - {"constrained intermediate"}))
def test_a_node_is_a_server_of_its_ipv6_address(tmp_path: Path, wanted: str) -> None:
    common_name, names = canonical_names("archive.example.org", ["IP:2001:db8::1"], allow_wildcard=False)
    assert found(tmp_path, wanted, common_name, names, NODE, "ecdsa-p256", "2001:db8::1") == {}


@pytest.mark.parametrize("wanted", ["p384", "constrained intermediate"])
@pytest.mark.parametrize("key_type", ["ecdsa-p384", "rsa-2048"])
def test_key_types_of_nodes(tmp_path: Path, wanted: str, key_type: str) -> None:
    common_name, names = canonical_names("archive.example.org", [], allow_wildcard=False)
    assert found(tmp_path, wanted, common_name, names, NODE, key_type, "archive.example.org") == {}


@pytest.mark.parametrize("name", ["archive.example.org", None])
def test_ed25519_is_accepted_where_the_web_pki_does_not_forbid_it(tmp_path: Path, name: str | None) -> None:
    common_name, names = canonical_names("archive.example.org", [], allow_wildcard=False)
    # cryptography's verifier holds the CA/Browser Forum's baseline, which knows no Ed25519.
    assert found(tmp_path, "p384", common_name, names, NODE, "ed25519", name).keys() <= {"cryptography"}


@pytest.mark.parametrize("wanted", ["p384", "p384 intermediate", "constrained intermediate"])
@pytest.mark.parametrize("person", ["Jane Doe", "jane@example.org", "Øystein & 本 / CT #3", "x" * 70])
def test_a_person_is_a_client(tmp_path: Path, wanted: str, person: str) -> None:
    assert found(tmp_path, wanted, person, client_names(person), ["clientAuth"], "ecdsa-p256", None) == {}


def test_a_person_is_no_server(tmp_path: Path) -> None:
    name = "archive.example.org"
    refusals = found(tmp_path, "p384", name, [f"DNS:{name}"], ["clientAuth"], "ecdsa-p256", name)
    assert set(refusals) == {"openssl", "gnutls", "cryptography"}


def test_a_name_of_70_characters_stands_in_the_alternative_names_alone(tmp_path: Path) -> None:
    name = f"{'a' * 40}.{'b' * 20}.example.org"
    common_name, names = canonical_names(name, [], allow_wildcard=False)
    assert common_name is None
    assert found(tmp_path, "p384", common_name, names, NODE, "ecdsa-p256", name) == {}


def test_all_complain_about_the_expired_client(tmp_path: Path) -> None:

    authority = made_folder(tmp_path, CONSTRAINED).active()
    leaf, *chain = load_certificates(Path(authority.expired_path).read_bytes(), "expired.pem")
    refusals = complaints(tmp_path, authority.root, chain, leaf, None)
    assert "certificate has expired" in refusals["openssl"]
    assert "expired" in refusals["gnutls"]
    assert "not valid at validation time" in refusals["cryptography"]
