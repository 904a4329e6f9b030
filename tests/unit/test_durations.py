# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifetimes and renewal windows: what is read, and that no fresh certificate is ever due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import (
    jitter,
    parse_duration,
    parse_utc,
    renewal_window,
    utc_text,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

LIFETIMES = st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=36500))
HOSTS = st.text(min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("180d", timedelta(days=180)),
        (" 2w ", timedelta(weeks=2)),
        ("36500d", timedelta(days=36500)),
    ],
)
def test_units(text: str, expected: timedelta) -> None:
    assert parse_duration(text, "lifetime") == expected


@pytest.mark.parametrize("text", ["", "180", "0d", "-1d", "1.5d", "1y", "1d12h", "d", "\u0661d"])
def test_what_is_no_duration_names_the_option_and_an_example(text: str) -> None:
    with pytest.raises(OrthancTlsError, match=r"lifetime is .*no duration.*180d"):
        parse_duration(text, "lifetime")


def test_more_than_a_hundred_years_is_refused() -> None:
    with pytest.raises(OrthancTlsError, match=r"lifetime is '99999w'.*100 years"):
        parse_duration("99999w", "lifetime")


@given(HOSTS)
def test_jitter_lies_between_0_and_1_and_depends_on_the_host_alone(host: str) -> None:
    assert 0 <= jitter(host) < 1
    assert jitter(host) == jitter(host)


def test_jitter_is_known_and_spreads() -> None:
    assert jitter("archive") == pytest.approx(0.0574, abs=0.0001)
    tenths = {int(jitter(f"node{number}") * 10) for number in range(100)}
    assert tenths == set(range(10))


@given(LIFETIMES, HOSTS)
def test_a_fresh_certificate_is_never_due(lifetime: timedelta, host: str) -> None:
    assert lifetime / 3 <= renewal_window(lifetime, None, host) < lifetime * 0.41


@given(LIFETIMES, st.floats(min_value=0.01, max_value=0.99), HOSTS)
def test_the_window_is_at_least_renew_before_and_shorter_than_the_lifetime(
    lifetime: timedelta, share: float, host: str
) -> None:
    assert lifetime * share <= renewal_window(lifetime, lifetime * share, host) < lifetime


def test_renew_before_must_be_shorter_than_the_lifetime() -> None:
    with pytest.raises(OrthancTlsError, match="renew_before is 90 days, 0:00:00, which is not shorter"):
        renewal_window(timedelta(days=90), timedelta(days=90), "archive")


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_instants_survive_writing_and_reading(instant: datetime) -> None:
    assert parse_utc(utc_text(instant)) == instant.replace(microsecond=0)


def test_instant_in_another_form_is_refused() -> None:
    with pytest.raises(OrthancTlsError, match="no instant"):
        parse_utc("2026-11-24 11:00")
