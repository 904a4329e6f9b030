# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name constraints: what can be written, and that they are judged as the verifiers judge them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from authorities import NOW
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from verifiers import complaints

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import (
    Signer,
    ca_subject,
    create_root,
    sign_leaf,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import generate_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.name_constraints import (
    allowed_common_name,
    check_names,
    name_constraints,
)

KEY = generate_key("ecdsa-p256")
PERMITTED = ["DNS:example.org", "IP:10.0.0.0/8", "IP:2001:db8::/32"]
EXCLUDED = ["DNS:bad.example.org", "IP:10.9.0.0/16"]


def root(permitted: list[str], excluded: list[str]) -> Signer:
    constraints = name_constraints(permitted, excluded)
    lifetime = timedelta(days=1000)
    return Signer(create_root(KEY, ca_subject("CA", "1"), lifetime=lifetime, constraints=constraints, now=NOW), KEY)


CONSTRAINED, FREE = root(PERMITTED, EXCLUDED), root([], [])


@pytest.mark.parametrize(
    "name",
    [
        "DNS:example.org",
        "DNS:a.b.example.org",
        "DNS:*.example.org",
        "IP:10.1.2.3",
        "IP:2001:db8::1",
        "URI:urn:orthanc:client:x",
        "email:jane@elsewhere.net",
    ],
)
def test_allowed_names(name: str) -> None:
    check_names([name], CONSTRAINED.certificate)


@pytest.mark.parametrize(
    "name",
    [
        "DNS:notexample.org",
        "DNS:example.net",
        "DNS:bad.example.org",
        "DNS:very.bad.example.org",
        "IP:10.9.1.1",
        "IP:11.0.0.1",
        "IP:::1",
    ],
)
def test_forbidden_names(name: str) -> None:
    with pytest.raises(OrthancTlsError, match=f"name constraints forbid {name}:"):
        check_names(["DNS:example.org", name], CONSTRAINED.certificate)


def test_without_constraints_every_name_is_allowed() -> None:
    assert name_constraints([], []) is None
    check_names(["DNS:anything", "IP:1.2.3.4"], FREE.certificate)


def test_only_excluded_names_leave_the_rest_free() -> None:
    check_names(["DNS:example.net", "IP:192.0.2.1"], root([], EXCLUDED).certificate)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("example.org", "neither DNS:example.org nor IP:10.0.0.0/8"),
        ("email:example.org", "neither DNS:example.org nor IP:10.0.0.0/8"),
        ("DNS:.example.org", "bad label ''"),
        ("DNS:*.example.org", "is a wildcard"),
        ("IP:10.0.0.1/8", "is no IP network: 10.0.0.1/8 has host bits set"),
        ("IP:ten", "is no IP network"),
    ],
)
def test_what_is_no_constraint(text: str, complaint: str) -> None:
    with pytest.raises(OrthancTlsError, match=complaint):
        name_constraints([text], [])
    with pytest.raises(OrthancTlsError, match=complaint):
        name_constraints([], [text])


HOSTS = st.sampled_from(["example.org", "a.example.org", "bad.example.org", "x.bad.example.org", "example.net", "org"])
ADDRESSES = st.sampled_from(["10.1.2.3", "10.9.1.1", "11.0.0.1", "2001:db8::5", "2001:db9::5"])


@given(st.one_of(HOSTS.map("DNS:{}".format), ADDRESSES.map("IP:{}".format)))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_verifiers_judge_alike(tmp_path: Path, name: str) -> None:
    # The same key and subject without constraints, so that a forbidden leaf can be made at all.
    leaf = sign_leaf(
        FREE,
        KEY.public_key(),
        common_name=None,
        names=[name],
        extended_key_usage=["serverAuth"],
        lifetime=timedelta(days=90),
        window=timedelta(days=30),
        now=NOW,
    )
    refusals = complaints(tmp_path, CONSTRAINED.certificate, [], leaf, name.partition(":")[2])
    assert set(refusals) == ({"openssl", "gnutls", "cryptography"} if _is_forbidden(name) else set())


def _is_forbidden(name: str) -> bool:
    try:
        check_names([name], CONSTRAINED.certificate)
    except OrthancTlsError:
        return True
    return False


SERVER, CLIENT = ["serverAuth", "clientAuth"], ["clientAuth"]


@pytest.mark.parametrize(
    ("common_name", "names", "usages", "kept"),
    [
        ("10.1.2.3", ["IP:10.1.2.3"], SERVER, False),
        ("2001:db8::1", ["IP:2001:db8::1"], SERVER, False),
        ("10.1.2.3", ["IP:10.1.2.3", "DNS:a.example.org"], SERVER, True),
        ("a.example.org", ["DNS:a.example.org"], SERVER, True),
        ("10.1.2.3", ["IP:10.1.2.3"], CLIENT, False),
        ("ct2.radiology", ["URI:urn:x"], CLIENT, False),
        ("ct_2.radiology", ["URI:urn:x"], CLIENT, False),
        ("ct2.radiology", ["URI:urn:x", "DNS:a.example.org"], CLIENT, True),
        ("x.bad.example.org", ["URI:urn:x"], CLIENT, False),
        ("CT2.Example.ORG", ["URI:urn:x"], CLIENT, True),
        *(
            (one, ["URI:urn:x"], CLIENT, True)
            for one in ("ct2", "Jane Doe", "jane@example.net", "*.radiology", "ct2.ж")
        ),
        *((one, ["URI:urn:x"], CLIENT, True) for one in ("a..b", "-a.b", "a-.b", "a.-b", "a.b-", "a.b.", ".a.b")),
        (None, ["IP:10.1.2.3"], SERVER, True),
    ],
)
def test_a_common_name_that_verifiers_take_for_a_forbidden_dns_name_is_left_out(
    tmp_path: Path, common_name: str | None, names: list[str], usages: list[str], kept: bool
) -> None:
    issuers = [CONSTRAINED.certificate]
    assert allowed_common_name(common_name, names, usages, issuers) == (common_name if kept else None)
    for tried in (common_name, allowed_common_name(common_name, names, usages, issuers)):
        leaf = sign_leaf(
            FREE,
            KEY.public_key(),
            common_name=tried,
            names=names,
            extended_key_usage=usages,
            lifetime=timedelta(days=90),
            window=timedelta(days=30),
            now=NOW,
        )
        refusals = complaints(
            tmp_path, CONSTRAINED.certificate, [], leaf, _server_name(names) if usages == SERVER else None
        )
        assert bool(refusals.keys() & {"openssl", "gnutls"}) == (tried is not None and not kept)


def _server_name(names: list[str]) -> str:
    return names[0].partition(":")[2]


@pytest.mark.parametrize("constrained", [root([], []), root(["IP:10.0.0.0/8"], ["DNS:example.net"])])
def test_a_common_name_that_no_constraint_forbids_stays(constrained: Signer) -> None:
    assert allowed_common_name("ct2.radiology", ["URI:urn:x"], CLIENT, [constrained.certificate]) == "ct2.radiology"


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_the_constraints_of_every_issuer_count(order: list[int]) -> None:
    issuers = [FREE.certificate, CONSTRAINED.certificate]
    assert allowed_common_name("ct2.radiology", [], CLIENT, [issuers[place] for place in order]) is None


def test_the_extension_is_critical() -> None:
    assert CONSTRAINED.certificate.extensions.get_extension_for_class(x509.NameConstraints).critical
