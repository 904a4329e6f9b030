# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.log import explain


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        (
            "E1124 11:30:01.5 main] The TCP port of the HTTP server is privileged or already in use:  (port = 8042)",
            "Orthanc could not use its certificate files",
        ),
        (
            "E1124 [Cannot initialize SSL encryption, check out your certificates] (code 39)",
            "not readable for the user",
        ),
        ("E1124 [SQLite: Unable to open the database] (code 1002)", "its disk is full"),
        ("E1124 Something that nobody has seen", "lines that begin with E"),
        ("W1124 Orthanc has started", "crashed"),
        ("", "crashed"),
    ],
)
def test_the_real_cause_is_named_whatever_orthanc_says(line: str, meaning: str) -> None:
    assert meaning in explain(f"W1124 HTTP server listening\n{line}\n")
