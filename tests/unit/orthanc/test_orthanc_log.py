# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.log import explain

OF_1_10 = """\
W1128 05:06:58.019899 main.cpp:1923] Orthanc version: 1.10.1
E1128 05:06:58.119899 OrthancException.cpp:58] Parameter out of range: Unknown modality manufacturer: "Ge"
E1128 05:06:58.120146 ServerContext.cpp:430] INTERNAL ERROR: ServerContext::Stop() should be invoked manually to avoid \
mess in the destruction order!
E1128 05:06:58.623020 main.cpp:2074] Uncaught exception, stopping now: [Parameter out of range] (code 3)
"""
OF_1_12 = OF_1_10.replace("main.cpp", "            MAIN main.cpp").replace("OrthancEx", "            MAIN OrthancEx")


@pytest.mark.parametrize("log", [OF_1_10, OF_1_12, OF_1_12 * 3])
def test_the_reason_that_orthanc_logged_is_given_once_and_without_what_follows_from_it(log: str) -> None:
    reason, meaning = explain(log).splitlines()
    assert reason == (
        'The reason that Orthanc logged: Parameter out of range: Unknown modality manufacturer: "Ge" | '
        "Uncaught exception, stopping now: [Parameter out of range] (code 3)"
    )
    assert meaning == "What that means: a value in orthanc_config is none that Orthanc takes."


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        (
            "E1124 11:30:01.5 main] The TCP port of the HTTP server is privileged or already in use:  (port = 8042)",
            "Orthanc could not use its certificate files",
        ),
        (
            "E1124 11:30:01.5 [Cannot initialize SSL encryption, check out your certificates] (code 39)",
            "not readable for the user",
        ),
        ("E1124 11:30:01.5 [SQLite: Unable to open the database] (code 1002)", "its disk is full"),
        (
            "E1124 11:30:01.5 The path does not point to a regular file: /srv/who.lua",
            "orthanc_config names a file that is not there",
        ),
        ("E1124 11:30:01.5 Something that nobody has seen", "logged: Something that nobody has seen"),
        ("W1124 Orthanc has started", "crashed"),
        ("", "crashed"),
    ],
)
def test_the_real_cause_is_named_whatever_orthanc_says(line: str, meaning: str) -> None:
    assert meaning in explain(f"W1124 HTTP server listening\n{line}\n")
