# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CA issues between its dates only: not before, not afterwards, and one of other dates is not made active."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from authorities import NOW, brought, made_folder, order

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.states import described

DAY = timedelta(days=1)


@pytest.mark.parametrize("intermediate", [False, True])
@pytest.mark.parametrize("passphrase", [None, "is not needed to say so"])
def test_a_ca_that_is_not_valid_yet_is_an_error(tmp_path: Path, intermediate: bool, passphrase: str | None) -> None:
    folder = made_folder(tmp_path, order(intermediate=intermediate), now=NOW + 400 * DAY)
    with pytest.raises(OrthancTlsError, match=r"The CA \S+ in /.*/ca is not valid before 20.*; check the clock"):
        brought(folder, "present", passphrase=passphrase)
    assert not brought(folder, "present", now=NOW + 400 * DAY)


@pytest.mark.parametrize(
    ("made", "complaint"),
    [(NOW + 2 * DAY, "is not valid before 20.*; check the clock"), (NOW - 31 * DAY, "expired on 20.*give it up")],
)
def test_a_staged_ca_that_is_not_valid_does_not_become_the_one_that_issues(
    tmp_path: Path, made: datetime, complaint: str
) -> None:
    folder = made_folder(tmp_path, now=NOW - 40 * DAY)
    assert brought(folder, "staged", order(lifetime=30 * DAY), now=made)
    with pytest.raises(OrthancTlsError, match=complaint):
        brought(folder, "active")
    assert [facts["state"] for facts in described(folder)] == ["active", "staged"]
