# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a CA: every state is reached once, by one step, after any kill, and beside other runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from authorities import NOW, PASSPHRASE, brought, made_folder, order

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import load_certificates
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca import folder as authority_module
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.authority import Authority, load_authority
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.states import (
    StateRequest,
    described,
    missing_step,
)

KILLED = 9


def states(folder: AuthorityFolder) -> list[str]:
    return [facts["state"] for facts in described(folder)]


def step(folder: AuthorityFolder, state: str, passphrase: str | None = PASSPHRASE) -> str | None:
    due = missing_step(folder, StateRequest(state, order(), passphrase), NOW)
    return None if due is None else due.words


def test_a_whole_rollover_each_state_once(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    trusted = [1]
    for state, expected in (
        ("present", ["active"]),
        ("staged", ["active", "staged"]),
        ("active", ["superseded", "active"]),
        ("retired", ["active"]),
    ):
        due = step(folder, state)
        assert brought(folder, state) is (due is not None)
        assert states(folder) == expected
        assert step(folder, state) is None or state == "staged"
        assert not brought(folder, state)
        trusted.append(len(load_certificates(folder.trust_pem(), "trust")))
    assert trusted == [1, 1, 2, 2, 1]


def test_subjects_and_names_are_new_and_sort_by_age_even_when_the_clock_goes_back(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    for hours in (0, -5, -5):
        brought(folder, "staged", now=NOW + timedelta(hours=hours))
        assert states(folder)[-1] == "staged"
        brought(folder, "active")
    facts = described(folder)
    assert len({it["subject"] for it in facts}) == 4
    assert [it["state"] for it in facts] == ["superseded"] * 3 + ["active"]


def test_the_trust_bundle_keeps_its_order_when_the_next_ca_becomes_active(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    brought(folder, "staged")
    before = folder.trust_pem()
    brought(folder, "active")
    assert folder.trust_pem() == before


def test_activating_or_retiring_where_nothing_is_staged_or_superseded_changes_nothing(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    assert not brought(folder, "active")
    assert not brought(folder, "retired")
    brought(folder, "staged")
    assert not brought(folder, "retired")


def test_a_staged_authority_can_be_given_up_by_name_and_the_active_one_cannot(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    brought(folder, "staged")
    staged, active = folder.staged()[0].generation, folder.active().generation
    assert brought(folder, "retired", generation=staged)
    assert not brought(folder, "retired", generation=staged)
    assert states(folder) == ["active"]
    with pytest.raises(OrthancTlsError, match=f"{active} is the active CA and cannot be retired; stage and activate"):
        brought(folder, "retired", generation=active)
    with pytest.raises(OrthancTlsError, match=f"holds no authority 'x'; expected one of {active}"):
        brought(folder, "retired", generation="x")


def test_only_making_an_authority_and_letting_it_issue_need_the_passphrase(tmp_path: Path) -> None:
    folder = AuthorityFolder(str(tmp_path / "ca"))
    for passphrase in (None, ""):
        with pytest.raises(OrthancTlsError, match=r"passphrase is missing.*ansible-vault"):
            brought(folder, "present", passphrase=passphrase)
    assert not folder.exists()
    brought(folder, "present")
    assert not brought(folder, "present", passphrase=None)
    with pytest.raises(OrthancTlsError, match="passphrase is missing"):
        brought(folder, "staged", passphrase=None)
    brought(folder, "staged")
    assert not brought(folder, "staged", passphrase=None)
    with pytest.raises(OrthancTlsError, match="passphrase is missing"):
        brought(folder, "active", passphrase=None)
    brought(folder, "active")
    assert not brought(folder, "active", passphrase=None)
    assert brought(folder, "retired", passphrase=None)


def test_a_wrong_passphrase_is_found_although_nothing_is_to_be_done(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    with pytest.raises(OrthancTlsError, match="passphrase does not open"):
        brought(folder, "present", passphrase="wrong")


def test_an_expired_ca_is_an_error_and_can_be_replaced(tmp_path: Path) -> None:
    folder = made_folder(tmp_path, order(lifetime=timedelta(days=30)), now=NOW - timedelta(days=31))
    with pytest.raises(OrthancTlsError, match=r"The CA \S+ in /.*/ca expired on 20.*; roll over to the next one"):
        brought(folder, "present")
    assert brought(folder, "staged") and brought(folder, "active")
    assert not brought(folder, "present")


@pytest.mark.parametrize("state", ["staged", "active", "retired"])
def test_without_a_ca_there_is_nothing_to_roll_over(tmp_path: Path, state: str) -> None:
    folder = AuthorityFolder(str(tmp_path / "ca"))
    with pytest.raises(OrthancTlsError, match=r"Cannot open the CA's folder .*create the CA first"):
        brought(folder, state)
    (tmp_path / "ca").mkdir(mode=0o700)
    with pytest.raises(OrthancTlsError, match=r"has no active CA; create the CA first"):
        brought(folder, state)


def test_the_parent_must_be_there(tmp_path: Path) -> None:
    folder = AuthorityFolder(str(tmp_path / "typing-error" / "ca"))
    with pytest.raises(OrthancTlsError, match="typing-error is not a folder; make that one first"):
        brought(folder, "present")


def test_a_folder_with_other_things_in_it_does_not_become_a_ca(tmp_path: Path) -> None:
    (tmp_path / "ca").mkdir(mode=0o700)
    (tmp_path / "ca" / "holidays.jpg").touch()
    with pytest.raises(OrthancTlsError, match=r"holds holidays.jpg; name a folder for the CA alone"):
        brought(AuthorityFolder(str(tmp_path / "ca")), "present")


def test_an_empty_closed_folder_becomes_a_ca_and_notes_beside_it_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "ca").mkdir(mode=0o700)
    folder = made_folder(tmp_path)
    (tmp_path / "ca" / "notes.txt").touch()
    assert not brought(folder, "present")


@pytest.mark.parametrize("state", ["present", "staged", "active", "retired"])
def test_an_open_folder_is_refused_in_every_state(tmp_path: Path, state: str) -> None:
    folder = made_folder(tmp_path)
    os.chmod(folder.path, 0o755)
    with pytest.raises(OrthancTlsError, match="open to others"):
        brought(folder, state)


def test_a_missing_link_to_one_of_several_is_not_guessed(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    brought(folder, "staged")
    os.unlink(tmp_path / "ca" / "active")
    with pytest.raises(OrthancTlsError, match="holds 2 authorities, and the link 'active' to one of them is missing"):
        brought(folder, "present")


CALLS = ("mkdir", "open", "fchmod", "fsync", "rename", "symlink")


def killed_at(number: int, action: Callable[[], object]) -> bool:
    """Run the action in a child that dies without any cleaning up before its n-th call; say whether it died."""
    child = os.fork()
    if child == 0:
        left = [number]

        def counted(call: Callable[..., object]) -> Callable[..., object]:
            def wrapped(*arguments: object, **named: object) -> object:
                if left[0] == 0:
                    os._exit(KILLED)
                left[0] -= 1
                return call(*arguments, **named)

            return wrapped

        for name in CALLS:
            setattr(os, name, counted(getattr(os, name)))
        action()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


@pytest.mark.parametrize(
    ("before", "state", "expected"),
    [
        ([], "present", ["active"]),
        (["present"], "staged", ["active", "staged"]),
        (["present", "staged"], "active", ["superseded", "active"]),
        (["present", "staged", "active"], "retired", ["active"]),
    ],
)
def test_killed_at_any_point_the_next_run_converges(
    tmp_path: Path, before: list[str], state: str, expected: list[str]
) -> None:
    for number in range(200):
        parent = tmp_path / str(number)
        parent.mkdir()
        folder = AuthorityFolder(str(parent / "ca"))
        for earlier in before:
            brought(folder, earlier)
        died = killed_at(number, lambda folder=folder: brought(folder, state))  # type: ignore[misc]
        brought(folder, state)
        assert states(folder) == expected
        assert folder.signer(PASSPHRASE)
        assert not brought(folder, state)
        assert not list(parent.rglob(".*"))
        if not died:
            return
    pytest.fail("the run has more kill points than were tried")


def test_two_runs_at_once_make_one_ca(tmp_path: Path) -> None:
    folder = AuthorityFolder(str(tmp_path / "ca"))
    children: list[int] = []
    while len(children) < 4:
        child = os.fork()
        if child == 0:
            os._exit(brought(folder, "present"))
        children.append(child)
    changed = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert sorted(changed) == [0, 0, 0, 1]
    assert states(folder) == ["active"]


def test_a_damaged_authority_is_named_and_not_read_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made_folder(tmp_path)
    Path(folder.active().folder, "ca.pem").write_text("damaged")
    tries: list[str] = []

    def load(path: str) -> Authority:
        tries.append(path)
        assert len(tries) < 3
        return load_authority(path)

    monkeypatch.setattr(authority_module, "load_authority", load)
    with pytest.raises(OrthancTlsError, match=r"ca\.pem holds no certificate"):
        folder.authorities()


def test_an_authority_that_another_run_retires_meanwhile_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made_folder(tmp_path)
    brought(folder, "staged")
    brought(folder, "active")
    active = folder.active().generation

    def retired_first(path: str) -> Authority:
        monkeypatch.undo()
        brought(folder, "retired")
        return load_authority(path)

    monkeypatch.setattr(authority_module, "load_authority", retired_first)
    assert [authority.generation for authority in folder.authorities()] == [active]
