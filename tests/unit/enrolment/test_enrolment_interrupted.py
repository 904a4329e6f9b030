# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed, or failed by the disk, before each change on the node: what is live is whole, and the next run converges."""

from __future__ import annotations

import contextlib
import errno
import functools
import itertools
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from authorities import made_folder
from identities import Node, snapshot

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.generation import Ownership
from ansible_collections.openimaging.orthanc.plugins.module_utils.identities.store import GenerationStore
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder

CHANGES = ("mkdir", "rename", "symlink", "fchmod", "fsync", "unlink", "rmdir")
KILLED = 9


class Interruption:
    """Stands in front of every call that changes the disk, and strikes before the one with the given number."""

    def __init__(self, at: int, strike: Callable[[], None]) -> None:
        self.calls = 0
        self._at = at
        self._strike = strike

    def guard(self, change: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            if self.calls == self._at:
                self._strike()
            return change(*args, **kwargs)

        return guarded


def interrupted(monkeypatch: pytest.MonkeyPatch, at: int, strike: Callable[[], None]) -> Interruption:
    interruption = Interruption(at, strike)
    for name in CHANGES:
        monkeypatch.setattr(os, name, interruption.guard(getattr(os, name)))
    return interruption


def killed(run: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, at: int) -> bool:
    """Run in a process that dies before its change number C(at), and say whether it came so far."""
    child = os.fork()
    if not child:
        interrupted(monkeypatch, at, lambda: os._exit(KILLED))
        run()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


def full_disk() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a sync reaches the disk makes no difference to a killed process."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@dataclass
class Fleet:
    """As many nodes of one CA as a test wants."""

    ca: AuthorityFolder
    other_ca: str
    folder: Path

    def nodes(self) -> Iterator[tuple[int, Node]]:
        return ((number, Node(self.ca, self.folder / str(number))) for number in itertools.count(1))


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    ca, other = (made_folder(tmp_path_factory.mktemp(name)) for name in ("ca", "other"))
    return Fleet(ca, other.trust_pem().decode(), tmp_path_factory.mktemp("nodes"))


def fresh(fleet: Fleet, node: Node) -> dict[str, Any]:
    return {}


def renewal(fleet: Fleet, node: Node) -> dict[str, Any]:
    node.run()
    node.run(force=True)
    return {"subject_alt_name": ["DNS:new.example.org"], "keep": 1}


def trust(fleet: Fleet, node: Node) -> dict[str, Any]:
    node.run()
    return {"server_ca_certificates": [fleet.other_ca]}


STORIES = [fresh, renewal, trust]
Story = Callable[[Fleet, Node], dict[str, Any]]


def assert_whole(node: Node, *, live: bool) -> None:
    """What is live is whole, and no file or folder is open to others."""
    current = GenerationStore(str(node.path), Ownership(os.getuid(), os.getgid())).current()
    assert (current is not None) >= live
    assert current is None or not current.faults
    for path, (mode, *_others) in snapshot(node.path).items():
        assert stat.S_ISLNK(mode) or not mode & 0o027, (path, oct(mode))


def assert_converges(node: Node, changes: dict[str, Any]) -> None:
    node.run(**changes)
    assert_whole(node, live=True)
    assert not node.run(**changes)["changed"]


@pytest.mark.parametrize("story", STORIES)
def test_killed_before_any_change(fleet: Fleet, monkeypatch: pytest.MonkeyPatch, story: Story, tmp_path: Path) -> None:
    fleet = replace(fleet, folder=tmp_path)
    for at, node in fleet.nodes():
        changes = story(fleet, node)
        if not killed(functools.partial(node.run, **changes), monkeypatch, at):
            break
        assert_whole(node, live=story is not fresh)
        assert_converges(node, changes)
    assert at > 25


def test_what_a_killed_run_left_goes_with_the_next_run_and_not_in_check_mode(fleet: Fleet, tmp_path: Path) -> None:
    node = Node(fleet.ca, tmp_path / "tls")
    node.run()
    leftover = node.path / "generations" / ".killed"
    leftover.mkdir()
    os.utime(leftover, (1, 1))
    assert not node.run(check_mode=True)["changed"] and leftover.exists()
    assert not node.run()["changed"] and not leftover.exists()


@pytest.mark.parametrize("story", STORIES)
def test_a_full_disk_at_any_change(fleet: Fleet, story: Story, tmp_path: Path) -> None:
    fleet = replace(fleet, folder=tmp_path)
    for at, node in fleet.nodes():
        changes = story(fleet, node)
        before = node.current.exists() and os.readlink(node.current)
        with pytest.MonkeyPatch.context() as patch:
            interruption = interrupted(patch, at, full_disk)
            with contextlib.suppress(OrthancTlsError, OSError):
                node.run(**changes)
            if interruption.calls < at:
                break
        assert_whole(node, live=story is not fresh)
        after = node.current.exists() and os.readlink(node.current)
        # Either nothing happened, or the new generation is live and only what comes after failed.
        assert after == before or not node.run(**changes)["changed"]
        assert_converges(node, changes)
    assert at > 25
