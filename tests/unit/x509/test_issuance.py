# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a CA signs: the profile of leaves, their ends, and when it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from authorities import NOW
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.node_key import new_key
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import (
    issued_by,
    names_of,
    not_after,
    not_before,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import (
    BACKDATED,
    Signer,
    ca_subject,
    check_csr,
    create_intermediate,
    create_root,
    self_signed_leaf,
    sign_leaf,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.keys import (
    generate_key,
    load_private_key,
    public_key_sha256,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.name_constraints import name_constraints

DAY = timedelta(days=1)
KEY = generate_key("ecdsa-p256")


def root(lifetime: timedelta = 3650 * DAY, now: datetime = NOW, permitted: Sequence[str] = ()) -> Signer:
    key = generate_key("ecdsa-p256")
    constraints = name_constraints(permitted, [])
    return Signer(create_root(key, ca_subject("CA", "1"), lifetime=lifetime, constraints=constraints, now=now), key)


ROOT = root()


def leaf(
    signer: Signer = ROOT,
    *,
    key_type: str | None = None,
    common_name: str | None = "archive",
    names: Sequence[str] = ("DNS:archive",),
    usages: Sequence[str] = ("serverAuth", "clientAuth"),
    lifetime: timedelta = 180 * DAY,
    window: timedelta = 60 * DAY,
    now: datetime = NOW,
) -> x509.Certificate:
    key = generate_key(key_type) if key_type else KEY
    return sign_leaf(
        signer,
        key.public_key(),
        common_name=common_name,
        names=names,
        extended_key_usage=usages,
        lifetime=lifetime,
        window=window,
        now=now,
    )


def extension(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> x509.Extension[x509.ExtensionType]:
    return certificate.extensions.get_extension_for_class(kind)


def test_a_root_has_no_path_length_and_signs_itself() -> None:
    constraints = extension(ROOT.certificate, x509.BasicConstraints)
    assert (constraints.critical, constraints.value) == (True, x509.BasicConstraints(ca=True, path_length=None))
    usage = extension(ROOT.certificate, x509.KeyUsage)
    assert usage.critical and usage.value.key_cert_sign and usage.value.crl_sign and not usage.value.digital_signature  # type: ignore[attr-defined]
    assert issued_by(ROOT.certificate, ROOT.certificate)
    assert (not_before(ROOT.certificate), not_after(ROOT.certificate)) == (NOW - BACKDATED, NOW + 3650 * DAY)


def test_an_intermediate_signs_leaves_only_and_ends_with_its_root() -> None:
    key = generate_key("ecdsa-p256")
    certificate = create_intermediate(ROOT, key.public_key(), ca_subject("I", "1"), constraints=None, now=NOW)
    assert extension(certificate, x509.BasicConstraints).value == x509.BasicConstraints(ca=True, path_length=0)
    assert not_after(certificate) == not_after(ROOT.certificate)
    assert issued_by(certificate, ROOT.certificate)


@pytest.mark.parametrize(
    ("common_name", "complaint"),
    [
        ("", "is empty"),
        (" ", "is empty"),
        ("x" * 65, "65 bytes in UTF-8; expected 64 at most"),
        ("ж" * 33, "66 bytes in UTF-8; expected 64 at most"),
        ("a\nb", r"has the character '\\n', which is not printable"),
        ("a\0b", r"has the character '\\x00', which is not printable"),
        ("a\ud800", r"has the character '\\ud800', which is not printable"),
    ],
)
def test_a_ca_needs_a_name_that_fits(common_name: str, complaint: str) -> None:
    with pytest.raises(OrthancTlsError, match=complaint):
        ca_subject(common_name, "1")


@pytest.mark.parametrize("common_name", ["x" * 64, "ж" * 32, "病院 CA", "🩻"])
def test_a_ca_may_have_a_name_in_any_script(common_name: str) -> None:
    (name,) = ca_subject(common_name, "1").get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == common_name


@pytest.mark.parametrize(("name", "kept"), [("ж" * 32, True), ("ж" * 33, False), ("病" * 22, False)])
def test_a_common_name_is_left_out_of_a_leaf_by_its_bytes(name: str, kept: bool) -> None:
    subject = leaf(common_name=name, names=["URI:urn:orthanc:client:x"], usages=["clientAuth"]).subject
    assert [str(attribute.value) for attribute in subject] == ([name] if kept else [])


@pytest.mark.parametrize(("key_type", "enciphers"), [("ecdsa-p256", False), ("ed25519", False), ("rsa-2048", True)])
def test_profile_of_a_leaf(key_type: str, enciphers: bool) -> None:
    certificate = leaf(key_type=key_type)
    assert extension(certificate, x509.BasicConstraints).critical
    assert not extension(certificate, x509.BasicConstraints).value.ca  # type: ignore[attr-defined]
    usage = extension(certificate, x509.KeyUsage)
    assert usage.critical and usage.value.digital_signature  # type: ignore[attr-defined]
    assert usage.value.key_encipherment is enciphers  # type: ignore[attr-defined]
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    extended = extension(certificate, x509.ExtendedKeyUsage)
    assert (extended.value, extended.critical) == (both, False)
    authority = extension(certificate, x509.AuthorityKeyIdentifier).value
    assert authority.key_identifier == extension(ROOT.certificate, x509.SubjectKeyIdentifier).value.digest  # type: ignore[attr-defined]
    assert authority.authority_cert_issuer is None  # type: ignore[attr-defined]


def profile(certificate: x509.Certificate) -> dict[str, tuple[bool, x509.ExtensionType]]:
    return {type(it.value).__name__: (it.critical, it.value) for it in certificate.extensions}


def usage(*names: str) -> x509.KeyUsage:
    known = [
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    ]
    assert set(names) <= set(known)
    return x509.KeyUsage(**{name: name in names for name in known})


def identifiers(public_key: Any, issuer: Any) -> dict[str, tuple[bool, x509.ExtensionType]]:
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer)
    return {
        "SubjectKeyIdentifier": (False, x509.SubjectKeyIdentifier.from_public_key(public_key)),
        "AuthorityKeyIdentifier": (False, authority),
    }


@pytest.mark.parametrize("key_type", ["ecdsa-p256", "rsa-2048"])
@pytest.mark.parametrize("signs", ["ca", "itself"])
def test_a_leaf_has_exactly_these_extensions(key_type: str, signs: str) -> None:
    key = generate_key(key_type)
    order: dict[str, Any] = {"names": ["DNS:a"], "extended_key_usage": ["clientAuth"], "lifetime": DAY, "now": NOW}
    if signs == "ca":
        made = sign_leaf(ROOT, key.public_key(), common_name="a", window=DAY / 3, **order)
    else:
        made = self_signed_leaf(key, common_name="a", **order)
    enciphers = ["key_encipherment"] if key_type == "rsa-2048" else []
    assert profile(made) == {
        "BasicConstraints": (True, x509.BasicConstraints(ca=False, path_length=None)),
        "KeyUsage": (True, usage("digital_signature", *enciphers)),
        "ExtendedKeyUsage": (False, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])),
        "SubjectAlternativeName": (False, x509.SubjectAlternativeName([x509.DNSName("a")])),
        **identifiers(key.public_key(), (key if signs == "itself" else ROOT.key).public_key()),
    }


def test_a_ca_has_exactly_these_extensions_and_its_constraints_are_critical() -> None:
    constraints, key = name_constraints(["DNS:example.org"], []), generate_key("ecdsa-p256")
    names, public_key = ca_subject("I", "1"), key.public_key()
    signing = {"KeyUsage": (True, usage("key_cert_sign", "crl_sign"))}
    identified = identifiers(public_key, ROOT.key.public_key())
    limited = {"NameConstraints": (True, constraints)}
    top = create_root(key, names, lifetime=DAY, constraints=constraints, now=NOW)
    assert profile(top) == {
        "BasicConstraints": (True, x509.BasicConstraints(ca=True, path_length=None)),
        "SubjectKeyIdentifier": identified["SubjectKeyIdentifier"],
        **signing,
        **limited,
    }
    below = create_intermediate(ROOT, public_key, names, constraints=constraints, now=NOW)
    basic = {"BasicConstraints": (True, x509.BasicConstraints(ca=True, path_length=0))}
    assert profile(below) == {**basic, **identified, **signing, **limited}
    unlimited = create_intermediate(ROOT, public_key, names, constraints=None, now=NOW)
    assert profile(unlimited) == {**basic, **identified, **signing}


@pytest.mark.parametrize("usages", [["serverAuth"], ["clientAuth"], ["clientAuth", "serverAuth"]])
def test_a_leaf_may_serve_and_call_only_as_was_ordered(usages: list[str]) -> None:
    known = {"serverAuth": ExtendedKeyUsageOID.SERVER_AUTH, "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH}
    expected = [oid for name, oid in known.items() if name in usages]
    assert extension(leaf(usages=usages), x509.ExtendedKeyUsage).value == x509.ExtendedKeyUsage(expected)


def test_a_ca_s_name_is_unique_by_its_serial_number() -> None:
    attributes = [(it.oid, it.value) for it in ca_subject("CA", "7")]
    assert attributes == [(NameOID.COMMON_NAME, "CA"), (NameOID.SERIAL_NUMBER, "7")]


def test_dates_of_a_leaf_and_its_serial_number() -> None:
    now = NOW + 5 * DAY
    certificates = [leaf(now=now) for number in range(20)]
    assert {(not_before(it), not_after(it)) for it in certificates} == {(now - BACKDATED, now + 180 * DAY)}
    assert len({it.serial_number for it in certificates}) == 20
    assert max(it.serial_number for it in certificates).bit_length() > 128


@pytest.mark.parametrize(
    ("common_name", "subject", "critical"),
    [("archive", "CN=archive", False), (None, "", True), ("x" * 65, "", True)],
)
def test_alternative_names_are_critical_where_they_alone_name(
    common_name: str | None, subject: str, critical: bool
) -> None:
    certificate = leaf(common_name=common_name)
    assert certificate.subject.rfc4514_string() == subject
    assert extension(certificate, x509.SubjectAlternativeName).critical is critical


def test_every_kind_of_name_arrives() -> None:
    names = ["DNS:a.example", "IP:10.0.0.1", "IP:2001:db8::1", "URI:urn:x", "email:jane@example.org"]
    assert names_of(leaf(names=names)) == names


@pytest.mark.parametrize("usages", [[], ["codeSigning"], ["serverAuth", "any"]])
def test_other_usages_are_refused(usages: list[str]) -> None:
    with pytest.raises(OrthancTlsError, match="expected serverAuth, clientAuth or both"):
        leaf(usages=usages)


def test_a_leaf_never_outlives_its_issuer() -> None:
    signer = root(150 * DAY)
    assert not_after(leaf(signer)) == not_after(signer.certificate)


def test_a_leaf_never_starts_before_its_issuer() -> None:
    signer = root(now=NOW + timedelta(minutes=30))
    assert not_before(leaf(signer)) == not_before(signer.certificate)


@pytest.mark.parametrize(
    ("remaining", "window", "complaint"),
    [
        (-1, 60, r"The CA expired on 20\d\d-.*roll over to the next one"),
        (0, 60, "The CA expired on"),
        (119, 60, "before a new certificate would be due for renewal"),
        (120, 60, "before a new certificate would be due for renewal"),
        (90, 100, "before a new certificate would be due for renewal"),
    ],
)
def test_a_ca_that_ends_too_early_signs_nothing(remaining: int, window: int, complaint: str) -> None:
    signer = root(365 * DAY, now=NOW + (remaining - 365) * DAY)
    with pytest.raises(OrthancTlsError, match=complaint):
        leaf(signer, window=window * DAY)


@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 800))
@settings(deadline=None, max_examples=60)
def test_a_fresh_leaf_is_never_due(lifetime: int, window: int, remaining: int) -> None:
    signer = root(remaining * DAY)
    try:
        certificate = leaf(signer, lifetime=lifetime * DAY, window=min(window, lifetime - 1) * DAY)
    except OrthancTlsError:
        assert remaining <= max(lifetime - min(window, lifetime - 1), min(window, lifetime - 1))
    else:
        assert not_after(certificate) - min(window, lifetime - 1) * DAY > NOW
        assert not_after(certificate) <= not_after(signer.certificate)


def test_constraints_of_the_issuer_are_heeded_before_signing() -> None:
    signer = root(permitted=["DNS:example.org"])
    assert leaf(signer, names=["DNS:a.example.org"])
    with pytest.raises(OrthancTlsError, match="name constraints forbid DNS:archive"):
        leaf(signer)


def test_a_signing_request_gives_its_public_key_and_nothing_else() -> None:
    key, request = new_key("ecdsa-p256")
    assert public_key_sha256(check_csr(request)) == public_key_sha256(load_private_key(key, None).public_key())


def test_a_signing_request_without_proof_of_the_key_is_refused() -> None:
    request = x509.load_pem_x509_csr(new_key("ecdsa-p256")[1])
    der = bytearray(request.public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    forged = x509.load_der_x509_csr(bytes(der)).public_bytes(serialization.Encoding.PEM)
    with pytest.raises(OrthancTlsError, match="whose signature is wrong; nothing was signed"):
        check_csr(forged)


@pytest.mark.parametrize("pem", [b"", b"nonsense", new_key("ecdsa-p256")[1][:120]], ids=["empty", "no PEM", "cut off"])
def test_an_unreadable_signing_request_is_refused(pem: bytes) -> None:
    with pytest.raises(OrthancTlsError, match="signing request that cannot be read"):
        check_csr(pem)


# What openssl makes of "req -new -newkey ec" with the curve secp160k1.
UNKNOWN_CURVE = b"""-----BEGIN CERTIFICATE REQUEST-----
MIGHMEcCAQAwADA+MBAGByqGSM49AgEGBSuBBAAJAyoABNGRMwO9KR+hxgsQ5kKm
dt1xBdB472J3fLHa3NIazhQe0qoBfFnCsmKgADAKBggqhkjOPQQDAgMwADAtAhR0
dLVllHYzKVl6guy3CLxLyaOQVgIVAKaFlO+lRXx+W7VP1vp6IJujM9Ea
-----END CERTIFICATE REQUEST-----
"""


def test_a_signing_request_on_a_curve_that_is_not_known_is_refused() -> None:
    with pytest.raises(OrthancTlsError, match="signing request that cannot be read"):
        check_csr(UNKNOWN_CURVE)


def test_a_signing_request_with_a_foreign_kind_of_key_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP521R1())
    request = x509.CertificateSigningRequestBuilder(x509.Name([])).sign(key, hashes.SHA256())
    with pytest.raises(OrthancTlsError, match="key of type ecdsa-secp521r1; expected one of"):
        check_csr(request.public_bytes(serialization.Encoding.PEM))


@pytest.mark.parametrize("ahead", [timedelta(minutes=1), DAY, 400 * DAY])
def test_an_issuer_that_is_not_valid_yet_signs_nothing(ahead: timedelta) -> None:
    future = root(now=NOW + BACKDATED + ahead)
    with pytest.raises(
        OrthancTlsError, match=r"The CA is not valid before 20\S+Z, and the clock .* says 20\S+Z.*check"
    ):
        leaf(future)
    assert not_before(leaf(future, now=NOW + ahead)) == NOW + ahead
