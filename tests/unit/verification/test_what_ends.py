# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends before the next renewal could come is a failure; what is renewed in time is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import BACKDATED
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.seen import SeenCertificate
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.validity import (
    End,
    SeenIdentityCertificates,
    ends_of,
    validity_checks,
)

NOW = datetime(2026, 11, 28, tzinfo=UTC)
DAY = timedelta(days=1)


def certificate(subject: str, issuer: str, left: timedelta, life: timedelta, key: str = "k") -> SeenCertificate:
    end = NOW + left
    return SeenCertificate(
        subject, issuer, end - life, end, key, f"sha of {subject}", f"id of {subject}", f"id of {issuer}"
    )


def ends(
    left: timedelta = 60 * DAY,
    ca_left: timedelta = 3000 * DAY,
    held: bool = False,
    renew_before: timedelta | None = None,
    served_left: timedelta | None = None,
    waits: str = "",
) -> dict[str, End]:
    root = certificate("CN=CA", "CN=CA", ca_left, 3650 * DAY)
    other = certificate("CN=other", "CN=other", DAY, 3650 * DAY)
    served = [] if served_left is None else [certificate("CN=a", "CN=Public", served_left, 90 * DAY)]
    seen = SeenIdentityCertificates(
        [certificate("CN=a", "CN=CA", left, 90 * DAY + BACKDATED)],
        [root, other],
        [root],
        held=held,
        waits=waits,
        served=served,
    )
    return {end.what: end for end in ends_of("a", seen, renew_before, NOW)}


def test_the_leaf_its_ca_and_what_is_served_otherwise_are_told_with_who_renews_them() -> None:
    found = ends(served_left=60 * DAY)
    assert {what: (end.not_after, end.renewed_by, end.fault) for what, end in found.items()} == {
        "certificate": (utc_text(NOW + 60 * DAY), "rotate.yml", None),
        "CA": (utc_text(NOW + 3000 * DAY), "rollover.yml", None),
        "server certificate of another issuer": (utc_text(NOW + 60 * DAY), None, None),
    }


@pytest.mark.parametrize(("left", "late"), [(30 * DAY, False), (16 * DAY, False), (14 * DAY, True), (-DAY, True)])
def test_a_leaf_that_no_run_has_renewed_for_half_of_its_window_is_late(left: timedelta, late: bool) -> None:
    end = ends(left)["certificate"]
    assert (end.fault is not None) is late
    assert not late or end.fault == f"a renewal has been due since {utc_text(NOW + left - 30 * DAY)}"


def test_a_leaf_of_ten_minutes_that_was_just_issued_is_not_late() -> None:
    leaf = certificate("CN=a", "CN=CA", timedelta(minutes=10), timedelta(minutes=10) + BACKDATED)
    (end,) = ends_of("a", SeenIdentityCertificates([leaf], [], [], held=False), None, NOW)
    assert end.fault is None


def test_the_window_is_what_the_inventory_says() -> None:
    assert ends(left=20 * DAY, renew_before=60 * DAY)["certificate"].fault is not None
    assert ends(left=4 * DAY, renew_before=6 * DAY)["certificate"].fault is None


def test_a_held_leaf_is_to_be_released_as_no_run_renews_it() -> None:
    end = ends(left=14 * DAY, held=True)["certificate"]
    assert (end.renewed_by, end.remedy) == (None, "Run rollback.yml --limit a -e rollback_release=true.")


@pytest.mark.parametrize(("ca_left", "late"), [(61 * DAY, False), (60 * DAY, True), (20 * DAY, True)])
def test_a_ca_that_can_issue_nothing_longer_must_be_replaced(ca_left: timedelta, late: bool) -> None:
    assert (ends(ca_left=ca_left)["CA"].fault is not None) is late


@pytest.mark.parametrize(("left", "late"), [(8 * DAY, False), (6 * DAY, True)])
def test_what_only_a_person_renews_is_a_failure_a_week_before_its_end(left: timedelta, late: bool) -> None:
    assert (ends(served_left=left)["server certificate of another issuer"].fault is not None) is late


def test_each_end_is_a_row_that_fails_where_it_comes_too_early() -> None:
    rows = list(validity_checks("a", list(ends(left=14 * DAY).values())))
    assert [(row.name, row.ok) for row in rows] == [("end of certificate", False), ("end of CA CN=CA", True)]
    assert rows[0].seen.startswith(f"valid until {utc_text(NOW + 14 * DAY)}; a renewal has been due since")


def test_a_node_that_signs_for_itself_has_no_ca() -> None:
    leaf = certificate("CN=a", "CN=a", 60 * DAY, 90 * DAY)
    seen = SeenIdentityCertificates([leaf], [leaf], [leaf], held=False)
    assert [end.what for end in ends_of("a", seen, None, NOW)] == ["certificate"]


def test_what_another_has_not_given_yet_is_a_failure_only_once_the_present_one_has_expired() -> None:
    waits = "on order since 2026-11-27T10:00:00Z and not there yet (a colleague)"
    end = ends(DAY, waits=waits)["certificate"]
    assert (end.fault, end.waits, end.renewed_by) == (None, waits, "its issuer")
    expired = ends(-DAY, waits=waits)["certificate"]
    assert expired.fault == f"expired, and the next one is {waits}"
    assert expired.remedy == "Have its issuer answer, and run rotate.yml --limit a."
    (check,) = validity_checks("a", [end])
    assert check.ok and check.seen.endswith(waits)
