# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment of a service: what its process has counts, and what the unit says is read as systemd reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import unit as unit_module
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.environment import (
    assignments,
    file_assignments,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.json_text import parse
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.unit import unit_of

# What systemctl shows of Environment="PEER_PASSWORD=pa$word`1".
SHOWN = r"""LoadState=loaded
ExecStart={ path=/usr/sbin/Orthanc ; argv[]=/usr/sbin/Orthanc /srv/orthanc ; ignore_errors=no ; pid=0 }
Environment=PLAIN=1 "PEER_PASSWORD=pa\$word\`1"
EnvironmentFiles=%s (ignore_errors=yes)
MainPID=%s
"""

QUOTED = {
    r'"A=pa\$word\`1"': {"A": "pa$word`1"},
    r'A=1 "B=two words" "C=say \"x\" \\ y"': {"A": "1", "B": "two words", "C": 'say "x" \\ y'},
    r'"A=one\ntwo" "B=a\tb"': {"A": "one\ntwo", "B": "a\tb"},
    "A=it's B=": {"A": "it's", "B": ""},
    '"A=it\'s"': {"A": "it's"},
    r"A=back\slash": {"A": r"back\slash"},
}


@pytest.mark.parametrize(("shown", "environment"), QUOTED.items(), ids=QUOTED)
def test_what_systemctl_quotes_is_unquoted(shown: str, environment: dict[str, str]) -> None:
    assert assignments(shown) == environment


FILES = {
    "PEER_PASSWORD=pa$word`1\n": {"PEER_PASSWORD": "pa$word`1"},
    'A="pa\\$word\\`1 \\x"\n': {"A": "pa$word`1 \\x"},
    "A='pa\\$word'\n": {"A": "pa\\$word"},
    "A=it's  two   words  \n": {"A": "it's  two   words"},
    "A=one\\\ntwo\nB=\\$x\n": {"A": "onetwo", "B": "$x"},
    'A="one\ntwo"\n': {"A": "one\ntwo"},
    "# A=1\n; B=2\n  C = 3 # no comment\nno assignment\nD=": {"C": "3 # no comment", "D": ""},
    'A="one"two\n': {"A": "onetwo"},
}


@pytest.mark.parametrize(("text", "environment"), FILES.items(), ids=[repr(text) for text in FILES])
def test_an_environment_file_is_read_as_systemd_reads_it(text: str, environment: dict[str, str]) -> None:
    assert file_assignments(text) == environment


def test_a_password_with_a_dollar_reaches_the_peer_as_the_process_has_it(tmp_path: Path) -> None:
    environment = unit_of("orthanc.service", SHOWN % (tmp_path / "gone", 0)).environment
    settings = parse('{ "P" : "${PEER_PASSWORD}" }', environment, "orthanc.json").settings
    assert settings == {"P": "pa$word`1"}


def test_what_the_process_has_counts_and_the_unit_says_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = tmp_path / "77"
    process.mkdir()
    (process / "environ").write_bytes(b"PEER_PASSWORD=of-the-process\0PLAIN=\0odd=\xff\0")
    (tmp_path / "a.env").write_bytes(b"PEER_PASSWORD=of-the-file\nNEW=2\nodd=\xff\n")
    (tmp_path / "b.env").mkdir()
    monkeypatch.setattr(unit_module, "PROCESSES", str(tmp_path))
    environment = unit_of("orthanc.service", SHOWN % (tmp_path / "*.env", 77)).environment
    assert (environment["PEER_PASSWORD"], environment["PLAIN"], environment["NEW"]) == ("of-the-process", "", "2")
