# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd says of units."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from fake_programs import Programs
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.units import (
    UnitState,
    read_units,
    unit_states,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import unit as orthanc_unit
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.unit import groups_of

# As systemd 257 answers, with a unit of the package, one that is masked, and one that does not exist.
ANSWER = """MainPID=1805
ExecStart={ path=/usr/sbin/Orthanc ; argv[]=/usr/sbin/Orthanc --logdir=/var/log /etc/orthanc ; ignore_errors=no }
User=orthanc
Group=pacs
SupplementaryGroups=orthanc video
Id=orthanc.service
LoadState=loaded
ActiveState=active
SubState=running
FragmentPath=/usr/lib/systemd/system/orthanc.service
DropInPaths=/etc/systemd/system/orthanc.service.d/a.conf /etc/systemd/system/orthanc.service.d/zz-openimaging.conf
UnitFileState=enabled
NeedDaemonReload=yes

MainPID=0
User=
Id=nginx.service
LoadState=masked
ActiveState=inactive
SubState=dead
FragmentPath=/etc/systemd/system/nginx.service
DropInPaths=
UnitFileState=masked
NeedDaemonReload=no

MainPID=0
Id=nosuch.service
LoadState=not-found
ActiveState=inactive
SubState=dead
"""
UNITS = ["orthanc.service", "nginx.service", "nosuch.service"]


def test_all_units_are_told_by_one_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = Programs(tmp_path, monkeypatch)
    programs.answer("systemctl", ANSWER)
    orthanc, nginx, nosuch = unit_states(UNITS).values()
    assert orthanc == UnitState(
        load_state="loaded",
        active_state="active",
        sub_state="running",
        file_state="enabled",
        file="/usr/lib/systemd/system/orthanc.service",
        drop_ins=(
            "/etc/systemd/system/orthanc.service.d/a.conf",
            "/etc/systemd/system/orthanc.service.d/zz-openimaging.conf",
        ),
        user="orthanc",
        main_pid=1805,
        programs=("/usr/sbin/Orthanc",),
        needs_reload=True,
        groups=("pacs", "orthanc", "video"),
    )
    assert (nginx.load_state, nginx.file_state, nginx.user, nginx.programs) == ("masked", "masked", "", ())
    assert (nosuch.load_state, nosuch.file, nosuch.drop_ins) == ("not-found", "", ())
    (asked,) = programs.asked()
    assert asked.startswith("systemctl show ") and asked.endswith(f" -- {' '.join(UNITS)}")


def test_every_program_that_a_unit_starts_is_told_without_its_arguments() -> None:
    start = "ExecStart={{ path={0} ; argv[]={0} --password=s3cret /etc/orthanc ; ignore_errors=no }}\n"
    state = read_units(start.format("/opt/my orthanc/Orthanc") + start.format("/bin/b"), ["a.service"])["a.service"]
    assert state.programs == ("/opt/my orthanc/Orthanc", "/bin/b") and "s3cret" not in repr(state)


def test_no_units_are_no_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = Programs(tmp_path, monkeypatch)
    assert unit_states([]) == {} and programs.asked() == []


def test_a_host_that_was_not_booted_with_systemd_is_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = "System has not been booted with systemd as init system (PID 1). Can't operate."
    Programs(tmp_path, monkeypatch).answer("systemctl", status=1, complaint=complaint)
    with pytest.raises(OrthancTlsError, match="not been booted with systemd"):
        unit_states(["orthanc.service"])


def test_more_or_fewer_units_than_asked_for_are_never_mixed_up() -> None:
    for units in (UNITS[:2], [*UNITS, "another.service"]):
        with pytest.raises(OrthancTlsError, match="answers with 3 units instead of"):
            read_units(ANSWER, units)


@given(st.text())
def test_whatever_is_answered_is_a_state_or_an_error(answer: str) -> None:
    with contextlib.suppress(OrthancTlsError):
        assert list(read_units(answer, ["a.service"])) == ["a.service"]


LINE = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1)


@given(st.lists(st.tuples(LINE, LINE), min_size=1, max_size=5))
def test_each_unit_gets_its_own_properties_in_whatever_order_they_come(units: list[tuple[str, str]]) -> None:
    blocks = [f"User={user}\nId=x\nLoadState={state}\n" for user, state in units]
    names = [str(number) for number in range(len(units))]
    found = read_units("\n".join(blocks), names)
    assert [(state.user, state.load_state) for state in found.values()] == units


def test_a_proxy_is_told_by_the_name_of_its_variable_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orthanc_unit, "PROCESSES", str(tmp_path))
    shown = 'Id=a.service\nMainPID={}\nEnvironment=https_proxy=http://user:s3cret@proxy:3128 "NO_PROXY=a b"\n'
    state = read_units(shown.format(0), ["a.service"])["a.service"]
    assert (state.proxies, state.no_proxy) == (("https_proxy",), "a b") and "s3cret" not in repr(state)
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "environ").write_bytes(b"ALL_PROXY=socks5://proxy\0https_proxy=\0no_proxy=c\0")
    running = read_units(shown.format(7), ["a.service"])["a.service"]
    assert (running.proxies, running.no_proxy) == (("ALL_PROXY",), "c"), "systemd's own environment counts as well"


@pytest.mark.parametrize(
    ("properties", "groups"),
    [
        (("pacs", "", ""), ("pacs",)),
        (("pacs", "orthanc", ""), ("orthanc",)),
        (("pacs", "", "orthanc video"), ("pacs", "orthanc", "video")),
        (("", "", ""), ()),
    ],
)
def test_without_a_group_in_its_unit_a_user_has_the_one_of_his_name(
    properties: tuple[str, str, str], groups: tuple[str, ...]
) -> None:
    assert groups_of(*properties) == groups


def test_variables_of_an_environment_file_are_told_that_would_outrank_those_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "orthanc.env").write_text("SSL_CERT_FILE=/etc/ssl/own.pem\nPASSWORD=s3cret\nOPENSSL_CONF=\n")
    shown = f"Id=a.service\nEnvironment=LD_LIBRARY_PATH=/x\nEnvironmentFiles={tmp_path}/*.env (ignore_errors=no)\n"
    state = read_units(shown, ["a.service"])["a.service"]
    assert state.outranked == ("SSL_CERT_FILE", "OPENSSL_CONF") and "s3cret" not in repr(state)
    assert read_units("Id=a.service\nEnvironment=SSL_CERT_FILE=/x\n", ["a.service"])["a.service"].outranked == ()
