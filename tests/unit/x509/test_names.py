# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in certificates: one spelling for each, and a clear word about those that no verifier would match."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.names import (
    canonical_names,
    client_names,
    client_of,
)

LABELS = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?", fullmatch=True)
HOSTS = st.lists(LABELS, min_size=1, max_size=4).map(".".join).filter(lambda name: not name.split(".")[-1].isdigit())


def canonical(*names: str, allow_wildcard: bool = False) -> list[str]:
    return canonical_names(None, names, allow_wildcard=allow_wildcard)[1]


@pytest.mark.parametrize(
    ("written", "spelt"),
    [
        ("DNS:Archive.Example.ORG", "DNS:archive.example.org"),
        ("dns:archive", "DNS:archive"),
        ("DNS:bücher.example", "DNS:xn--bcher-kva.example"),
        ("DNS:BÜCHER.example", "DNS:xn--bcher-kva.example"),
        ("DNS:xn--bcher-kva.example", "DNS:xn--bcher-kva.example"),
        ("DNS:病院.example", "DNS:xn--0rys90e.example"),
        ("IP:10.0.0.1", "IP:10.0.0.1"),
        ("IP:2001:DB8:0:0::1", "IP:2001:db8::1"),
        ("IP:[2001:db8::1]", "IP:2001:db8::1"),
        ("email:Jane@Example.ORG", "email:Jane@example.org"),
        ("URI:urn:orthanc:client:ct", "URI:urn:orthanc:client:ct"),
    ],
)
def test_spelling(written: str, spelt: str) -> None:
    assert canonical(written) == [spelt]


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("archive.example.org", r"does not say what it is: write DNS:, IP:"),
        ("RID:1.2.3", r"does not say what it is"),
        ("DNS:", r"bad label ''"),
        ("DNS:archive..org", r"bad label ''"),
        ("DNS:archive.example.org.", r"bad label ''"),
        ("DNS:my_archive.org", r"bad label 'my_archive'.*no underscore"),
        ("DNS:-a.org", r"bad label '-a'"),
        ("DNS:" + "a" * 64, r"bad label"),
        ("DNS:" + ".".join(["a" * 60] * 5), r"longer than 253"),
        ("DNS:10.0.0.1", r"is an IP address; write IP:10.0.0.1"),
        ("DNS:2001:db8::1", r"is an IP address; write IP:2001:db8::1"),
        ("DNS:archive.7", r"last label must not be a number"),
        ("DNS:straße.example", r"IDNA 2003 and 2008 encode differently.*A-labels"),
        ("DNS:STRAẞE.example", r"A-labels"),
        ("DNS:βόλος.example", r"A-labels"),
        ("DNS:a\u200db.example", r"A-labels"),
        ("DNS:ü_a.example", r"bad label"),
        ("DNS:\u2c00.example", r"A-labels"),
        ("DNS:a\u05d0.example", r"no internationalised host name"),
        ("DNS:*.example.org", r"is a wildcard.*allow_wildcard"),
        ("DNS:a.*.org", r"bad label '\*'"),
        ("IP:archive", r"no IPv4 or IPv6 address"),
        ("IP:10.0.0.256", r"no IPv4 or IPv6 address"),
        ("IP:10.0.0.0/8", r"no IPv4 or IPv6 address"),
        ("IP:fe80::1%eth0", r"has a zone"),
        ("email:jane", r"is no address"),
        ("email:jäne@example.org", r"is no address"),
        ("email:jane@a_b", r"bad label"),
        ("URI:nonsense", r"is no URI"),
        ("URI:http://a b", r"is no URI"),
    ],
)
def test_complaints(written: str, complaint: str) -> None:
    with pytest.raises(OrthancTlsError, match=complaint):
        canonical(written)


def test_wildcard_is_one_whole_label_over_two_others() -> None:
    assert canonical("DNS:*.Example.org", allow_wildcard=True) == ["DNS:*.example.org"]
    with pytest.raises(OrthancTlsError, match="too wide a wildcard"):
        canonical("DNS:*.org", allow_wildcard=True)
    with pytest.raises(OrthancTlsError, match=r"bad label 'a\*'"):
        canonical("DNS:a*.example.org", allow_wildcard=True)


def test_common_name_is_repeated_among_the_names_sorted_and_once() -> None:
    names = ["IP:10.0.0.1", "DNS:Archive", "DNS:aaa"]
    expected = ("archive", ["DNS:aaa", "DNS:archive", "IP:10.0.0.1"])
    assert canonical_names("ARCHIVE", names, allow_wildcard=False) == expected


def test_common_name_may_be_an_address() -> None:
    assert canonical_names("2001:DB8::1", [], allow_wildcard=False) == ("2001:db8::1", ["IP:2001:db8::1"])


@pytest.mark.parametrize(("length", "kept"), [(64, True), (65, False)])
def test_common_name_of_more_than_64_characters_is_left_out(length: int, kept: bool) -> None:
    name = ("a" * 50 + "." + "b" * 50)[:length]
    assert canonical_names(name, [], allow_wildcard=False) == (name if kept else None, [f"DNS:{name}"])


def test_no_name_at_all_is_refused() -> None:
    with pytest.raises(OrthancTlsError, match="set common_name or subject_alt_name"):
        canonical()


@given(HOSTS)
def test_spelling_is_settled_after_once(host: str) -> None:
    once = canonical(f"DNS:{host}")
    assert once == [f"DNS:{host.lower()}"]
    assert canonical(*once) == once


@given(st.ip_addresses())
def test_every_address_has_one_spelling(address: object) -> None:
    once = canonical(f"IP:{str(address).upper()}")
    assert canonical(*once) == once


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_a_complaint(text: str) -> None:
    for name in (text, f"DNS:{text}", f"IP:{text}", f"email:{text}", f"URI:{text}"):
        with contextlib.suppress(OrthancTlsError):
            assert canonical(name, allow_wildcard=True)[0].isascii()


@pytest.mark.parametrize(
    ("person", "name"),
    [
        ("jane@Example.org", "email:jane@example.org"),
        ("Jane Doe", "URI:urn:orthanc:client:Jane%20Doe"),
        ("CT #3/Ü", "URI:urn:orthanc:client:CT%20%233%2F%C3%9C"),
        ("Jane @ home@example.org", "URI:urn:orthanc:client:Jane%20%40%20home%40example.org"),
    ],
)
def test_a_client_is_named_by_its_address_or_by_a_uri(person: str, name: str) -> None:
    assert client_names(person) == [name]
    assert client_of([name, "DNS:ct.example.org"]) == person.replace("E", "e")


def test_a_client_without_name_is_refused() -> None:
    with pytest.raises(OrthancTlsError, match="common_name is empty"):
        client_names(" ")


@pytest.mark.parametrize("character", ["\n", "\0", "\x1b", "\x9b", "\u2028", "\ud800"])
def test_a_client_s_name_has_no_character_that_cannot_be_shown(character: str) -> None:
    with pytest.raises(OrthancTlsError, match=r"common_name .* has the character .*, which is not printable; leave it"):
        client_names(f"CT{character} scanner")


@pytest.mark.parametrize(
    ("names", "name"),
    [
        (["DNS:pc7.example.org", "URI:urn:orthanc:client:%D0%B6"], "ж"),
        (["DNS:pc7.example.org", "URI:https://example.org", "email:anna@example.org"], "anna@example.org"),
        (["DNS:pc7.example.org", "IP:10.0.0.7"], "pc7.example.org"),
    ],
)
def test_a_client_is_told_by_its_names_alone(names: list[str], name: str) -> None:
    assert client_of(names) == name
